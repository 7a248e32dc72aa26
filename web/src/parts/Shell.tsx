// The shell: what stands around every screen. It also says when the line is gone.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { account, signedIn } from "../person";
import { place } from "../router";
import { t, type Key } from "../words";
import { Icon, Mark } from "./Icon";

export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  const role = account.value?.role;
  return (
    <>
      <a class="skip" href="#main">
        {t("app.skip")}
      </a>
      <header class="top">
        <div class="top-in">
          <a class="brand" href="/">
            <Mark />
            <span>{t("app.name")}</span>
          </a>
          <nav aria-label={t("nav.menu")}>
            <NavLink to="/" words="nav.events" also={["events", "productions"]} />
            <NavLink to="/mine" words="nav.mine" also={["bookings"]} />
            {(role === "organiser" || role === "operator") && <NavLink to="/organise" words="nav.organise" />}
            {role === "operator" && <NavLink to="/system" words="nav.system" />}
          </nav>
          {signedIn.value ? (
            <a class="who" href="/account">
              <Icon name="person" />
              <span>{account.value?.display_name ?? ""}</span>
            </a>
          ) : (
            <a class="who" href="/sign-in">
              <Icon name="person" />
              <span>{t("nav.signIn")}</span>
            </a>
          )}
        </div>
      </header>
      <Offline />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <p>{t("foot.words")}</p>
        <p>
          <a href="/api/docs">{t("foot.api")}</a>
        </p>
      </footer>
    </>
  );
}

function NavLink({ to, words, also = [] }: { to: string; words: Key; also?: string[] }): JSX.Element {
  const now = place.value;
  const here = now.path === to || (to !== "/" && now.path.startsWith(`${to}/`)) || also.includes(now.parts[0] ?? "");
  return (
    <a class="nav-link" href={to} aria-current={here ? "page" : undefined}>
      {t(words)}
    </a>
  );
}

function Offline(): JSX.Element | null {
  const [online, set] = useState(navigator.onLine);
  useEffect(() => {
    const look = (): void => set(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  if (online) return null;
  return (
    <p class="offline" role="status">
      <Icon name="warn" size={18} />
      {t("offline")}
    </p>
  );
}

/** A screen's title, in the page and in the browser's tab; whoever listens is brought to it when the screen is new. */
export function Title({ children, tab }: { children: ComponentChildren; tab: string }): JSX.Element {
  useEffect(() => {
    document.title = `${tab} · ${t("app.name")}`;
  }, [tab]);
  return <h1 class="title">{children}</h1>;
}
