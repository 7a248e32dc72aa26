// Paying: with what the payment provider gives a customer. The built-in provider is for tests and demonstrations, so its
// tokens are chosen by how they behave; another one's token is typed, or pasted from its own page.
import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { money } from "../format";
import type { Plan } from "../seatmap/plan";
import type { Booking } from "../types";
import { t, type Key } from "../words";

const TOKENS = ["tok_success", "tok_declined", "tok_slow"] as const;
const OWN = "own";

interface Props {
  booking: Booking;
  plan: Plan | null;
  pay: (token: string) => void;
}

export function Pay({ booking, plan, pay }: Props): JSX.Element {
  const [choice, setChoice] = useState<string>(TOKENS[0]);
  const [token, setToken] = useState("");
  const amount = amountOf(booking, plan);
  const nothing = plan !== null && amount === null;
  const go = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    pay(choice === OWN ? token : choice);
  };
  return (
    <form class="pay panel" onSubmit={go}>
      <h2 class="hidden">{t("pay.title")}</h2>
      {nothing ? (
        <p>{t("pay.free")}</p>
      ) : (
        <>
          <fieldset class="choices">
            <legend>{t("pay.with")}</legend>
            {TOKENS.map((one) => (
              <label class="choice">
                <input type="radio" name="token" value={one} checked={choice === one} onChange={() => setChoice(one)} />
                <span>{t(`pay.${one}` as Key)}</span>
              </label>
            ))}
            <label class="choice">
              <input type="radio" name="token" value={OWN} checked={choice === OWN} onChange={() => setChoice(OWN)} />
              <span>{t("pay.own")}</span>
            </label>
          </fieldset>
          {choice === OWN && (
            <label class="field">
              <span>{t("pay.token")}</span>
              <input type="text" required maxLength={255} value={token} onInput={(event) => setToken(event.currentTarget.value)} autocomplete="off" />
            </label>
          )}
        </>
      )}
      <button type="submit" class="button primary wide">
        {amount === null ? t("pay.confirm") : t("pay.pay", { amount })}
      </button>
    </form>
  );
}

/** What a booking's seats cost together; null where nothing has a price, or the plan does not say. */
export function amountOf(booking: Booking, plan: Plan | null): string | null {
  if (!plan || !booking.seat_ids) return null;
  let total = 0;
  let currency: string | null = null;
  for (const id of booking.seat_ids) {
    const seat = plan.byId.get(id);
    const price = seat === undefined ? sectionPrice(plan, id) : plan.prices[plan.seats[seat]!.price];
    if (!price) continue;
    total += price.minor;
    currency = price.currency;
  }
  return currency === null ? null : money(total, currency);
}

/** The price of a place without a number: its id begins with its section's name. */
function sectionPrice(plan: Plan, id: string): { minor: number; currency: string | null } | undefined {
  const section = plan.sections.find((one) => one.general_admission && id.startsWith(`${one.section}~`));
  const price = section?.prices[0];
  return section && price ? { minor: price.price_minor, currency: section.currency } : undefined;
}
