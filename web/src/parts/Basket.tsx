// The basket: the seats that somebody has picked, what they cost, and the button that asks for them. What they must see at
// once stands in the dock, on a phone the foot of the screen: what they hold already, what was just taken, what is chosen.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { minutes, money } from "../format";
import type { Hall } from "../seatmap/hall";
import { seatName, seatNames } from "../seatmap/names";
import type { Plan } from "../seatmap/plan";
import type { Booking, EventDetails } from "../types";
import { t, tn } from "../words";
import { HoldBar } from "./HoldBar";
import { Icon } from "./Icon";
import { Notice } from "./Notice";

/** So long a button that means less than a moment ago takes no press: it may have been meant for what it said before. */
const SETTLES_MS = 1_000;

interface Props {
  plan: Plan;
  hall: Hall;
  picked: number[];
  /** Seats that were picked and are somebody else's now. */
  lost: number[];
  event: EventDetails;
  own: Booking[];
  open: boolean;
  most: number;
  tooMany: boolean;
  remove: (seat: number) => void;
  /** Pick these, and no others. */
  choose: (seats: number[]) => void;
  ask: () => void;
}

export function Basket(props: Props): JSX.Element {
  const { plan, picked, lost, event, own, open, most, tooMany } = props;
  const holds = event.hold_seconds > 0;
  const held = own.filter((one) => one.status === "held");
  const asks = open && picked.length > 0 && !lost.length;
  return (
    <section class="basket panel" aria-label={t("booking.seats")}>
      {picked.length === 0 ? (
        <p class="soft">{t("pick.none")}</p>
      ) : (
        <ul class="chosen">
          {picked.map((seat) => {
            const price = plan.prices[plan.seats[seat]!.price];
            return (
              <li key={seat}>
                <span>{seatName(plan, seat)}</span>
                <span class="amount">{price ? money(price.minor, price.currency) : ""}</span>
                <button type="button" class="tool small" aria-label={t("seat.remove", { seat: seatName(plan, seat) })} onClick={() => props.remove(seat)}>
                  <Icon name="close" size={16} />
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {(held.length > 0 || lost.length > 0 || asks || tooMany) && (
        <div class="dock">
          {held.map((booking) => (
            <HoldBar key={booking.booking_id} booking={booking} />
          ))}
          {tooMany && <Notice tone="warn" title={tn("pick.most", most)} />}
          {lost.length > 0 && <Taken {...props} />}
          {asks && (
            <div class="ask">
              <p class="total">
                <span class="ask-seats">{seatNames(plan, picked.map((seat) => plan.seats[seat]!.id))}</span>
                <strong>{sum(plan, picked)}</strong>
              </p>
              <button type="button" class="button primary" onClick={props.ask}>
                {tn(holds ? "pick.hold" : "pick.book", picked.length)}
              </button>
              <p class="soft ask-note">{holds ? t("pick.holdNote", { time: minutes(event.hold_seconds) }) : t("pick.bookNote")}</p>
            </div>
          )}
        </div>
      )}
    </section>
  );
}

/** What was chosen is not to be had any more. Nothing is asked for until they have said what they want instead: the button
    under their thumb must not mean less than a moment ago, so that in its place is one that only chooses. */
function Taken({ plan, hall, picked, lost, event, open, choose, ask }: Props): JSX.Element {
  const here = useRef<HTMLDivElement>(null);
  const [settled, settle] = useState(0);
  const rests = settled === picked.length;
  const instead = hall.instead(lost, picked);
  const names = (seats: number[]): string => seatNames(plan, seats.map((seat) => plan.seats[seat]!.id));
  useEffect(() => {
    // The button that had the focus is gone.
    if (document.activeElement === document.body) here.current?.focus();
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => settle(picked.length), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [picked.length]);
  return (
    <div ref={here} tabIndex={-1}>
      <Notice tone="warn" title={tn("pick.taken", lost.length, { seats: names(lost) })} urgent>
        {!instead && <p>{t("pick.noInstead")}</p>}
        <div class="row">
          {open && picked.length > 0 && (
            <button type="button" class="button small" aria-disabled={!rests} onClick={() => rests && ask()}>
              {tn(event.hold_seconds > 0 ? "pick.holdOnly" : "pick.bookOnly", picked.length)}
            </button>
          )}
          <button type="button" class="button small" onClick={() => choose(picked)}>
            {t("pick.again")}
          </button>
          {instead && (
            <button type="button" class="button primary" onClick={() => choose(instead)}>
              {t("pick.instead", { seats: names(instead) })}
            </button>
          )}
        </div>
      </Notice>
    </div>
  );
}

/** What seats cost together; where nothing has a price, that they are free. */
function sum(plan: Plan, picked: number[]): string {
  const prices = picked.flatMap((seat) => plan.prices[plan.seats[seat]!.price] ?? []);
  if (!prices.length) return t("price.none");
  const currency = prices[0]!.currency;
  if (prices.some((price) => price.currency !== currency)) return "";
  return money(
    prices.reduce((total, price) => total + price.minor, 0),
    currency,
  );
}
