// The page's start: which screen an address is.
import { render, type JSX } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/seats.css";
import { AccountPage } from "./pages/Account";
import { AttemptPage } from "./pages/Attempt";
import { BookingPage } from "./pages/Booking";
import { EventPage } from "./pages/Event";
import { Find } from "./pages/Find";
import { Missing } from "./pages/Missing";
import { Mine } from "./pages/Mine";
import { Needed } from "./pages/Needed";
import { NewEvent } from "./pages/NewEvent";
import { Organise } from "./pages/Organise";
import { Production } from "./pages/Production";
import { Register, SignIn } from "./pages/SignIn";
import { Watch } from "./pages/Watch";
import { Loading } from "./parts/Notice";
import { Shell } from "./parts/Shell";
import { account, signedIn, whoAmI } from "./person";
import { listen, place } from "./router";

function Screen(): JSX.Element {
  const [first, second, third] = place.value.parts;
  if (first === undefined) return <Find />;
  if (first === "events" && second && !third) return <EventPage key={second} id={second} />;
  if (first === "productions" && second && !third) return <Production key={second} id={second} />;
  if (first === "bookings" && second === "new" && third) return <AttemptPage key={third} id={third} />;
  if (first === "bookings" && second && !third) return <BookingPage key={second} id={second} />;
  if (first === "organise" && !third) return <Organising id={second} />;
  if (first === "mine" && !second) return <Mine />;
  if (first === "account" && !second) return <AccountPage />;
  if (first === "sign-in" && !second) return <SignIn />;
  if (first === "register" && !second) return <Register />;
  return <Missing />;
}

function Organising({ id }: { id: string | undefined }): JSX.Element {
  const role = account.value?.role;
  if (!signedIn.value) return <Needed />;
  if (!role) return <Loading />;
  if (role === "customer") return <Needed role />;
  if (id === undefined) return <Organise />;
  return id === "new" ? <NewEvent /> : <Watch key={id} id={id} />;
}

listen();
void whoAmI();
render(
  <Shell>
    <Screen />
  </Shell>,
  document.getElementById("app")!,
);
