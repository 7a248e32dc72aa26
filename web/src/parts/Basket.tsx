// The basket: the seats that somebody has picked, what they cost, and the button that asks for them. On a phone its last
// line stays at the foot of the screen.
import type { JSX } from "preact";
import { minutes, money } from "../format";
import type { Hall } from "../seatmap/hall";
import { seatName } from "../seatmap/names";
import type { Plan } from "../seatmap/plan";
import type { EventDetails } from "../types";
import { t, tn } from "../words";
import { Icon } from "./Icon";
import { Notice } from "./Notice";

/** A seat that was picked and is gone, and the free one nearest to it. */
export interface Lost {
  seat: number;
  instead: number | null;
}

interface Props {
  plan: Plan;
  hall: Hall;
  picked: number[];
  event: EventDetails;
  lost: Lost[];
  open: boolean;
  most: number;
  tooMany: boolean;
  remove: (seat: number) => void;
  clear: () => void;
  instead: (lost: Lost) => void;
  dismiss: (lost: Lost) => void;
  ask: () => void;
}

export function Basket(props: Props): JSX.Element {
  const { plan, hall, picked, event, lost, open, most, tooMany } = props;
  const holds = event.hold_seconds > 0;
  const total = sum(plan, picked);
  return (
    <section class="basket panel" aria-label={t("booking.seats")}>
      {lost.map((one) => {
        const seat = one.instead !== null && hall.isFree(one.instead) ? one.instead : hall.nearest(one.seat, new Set(picked));
        return (
          <Notice tone="warn" title={t("pick.taken", { seat: seatName(plan, one.seat) })} urgent>
            <div class="row">
              {seat === null ? (
                <p>{t("pick.noInstead")}</p>
              ) : (
                <button type="button" class="button small" onClick={() => props.instead({ ...one, instead: seat })}>
                  {t("pick.instead", { seat: seatName(plan, seat) })}
                </button>
              )}
              <button type="button" class="link" onClick={() => props.dismiss(one)}>
                {t("pick.dismiss")}
              </button>
            </div>
          </Notice>
        );
      })}
      {tooMany && <Notice tone="warn" title={tn("pick.most", most)} />}
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
      {open && picked.length > 0 && (
        <div class="ask">
          <p class="total">
            <span>{tn("pick.count", picked.length)}</span>
            <strong>{total}</strong>
          </p>
          <button type="button" class="button primary" onClick={props.ask}>
            {tn(holds ? "pick.hold" : "pick.book", picked.length)}
          </button>
          <p class="soft ask-note">{holds ? t("pick.holdNote", { time: minutes(event.hold_seconds) }) : t("pick.bookNote")}</p>
        </div>
      )}
    </section>
  );
}

function sum(plan: Plan, picked: number[]): string {
  const prices = picked.flatMap((seat) => plan.prices[plan.seats[seat]!.price] ?? []);
  if (!prices.length) return "";
  const currency = prices[0]!.currency;
  if (prices.some((price) => price.currency !== currency)) return "";
  return money(
    prices.reduce((total, price) => total + price.minor, 0),
    currency,
  );
}
