// The list: the same seats as text and buttons, for who cannot or would not use a map. One section at a time, a row's seats
// when it is opened, so that an arena is no longer than a theatre.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { money } from "../format";
import { t, tn } from "../words";
import type { Hall } from "./hall";
import { seatInRow, sectionName } from "./names";
import type { Plan } from "./plan";

interface Props {
  plan: Plan;
  hall: Hall;
  picked: number[];
  own: Set<number>;
  toggle: (seat: number) => void;
  revision: number;
}

export function SeatList({ plan, hall, picked, own, toggle }: Props): JSX.Element {
  const seated = plan.sections.flatMap((section, at) => (section.general_admission ? [] : [at]));
  const [section, setSection] = useState(seated[0] ?? 0);
  const rows = rowsOf(plan, section);
  return (
    <div class="seat-list">
      {seated.length > 1 && (
        <label class="field">
          <span>{t("list.section")}</span>
          <select value={section} onChange={(event) => setSection(Number(event.currentTarget.value))}>
            {seated.map((at) => (
              <option value={at}>
                {sectionName(plan.sections[at]!.section)} ({tn("list.free", hall.free.value.get(plan.sections[at]!.section) ?? 0)})
              </option>
            ))}
          </select>
        </label>
      )}
      <p class="soft">{t("list.help")}</p>
      {rows.map(([row, seats]) => (
        <Row key={`${section} ${row}`} {...{ plan, hall, picked, own, toggle, row, seats }} />
      ))}
    </div>
  );
}

function rowsOf(plan: Plan, section: number): [string, number[]][] {
  const rows = new Map<string, number[]>();
  plan.seats.forEach((seat, index) => {
    if (seat.section !== section) return;
    const row = rows.get(seat.row);
    if (row) row.push(index);
    else rows.set(seat.row, [index]);
  });
  return [...rows];
}

interface RowProps extends Omit<Props, "revision"> {
  row: string;
  seats: number[];
}

function Row({ plan, hall, picked, own, toggle, row, seats }: RowProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const free = seats.filter((seat) => hall.isFree(seat)).length;
  return (
    <details class="seat-row" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span>{row ? t("list.row", { row }) : t("list.rowNone")}</span>
        <span class="soft">{tn("list.free", free)}</span>
      </summary>
      {open && (
        <ul class="seat-buttons">
          {seats.map((seat) => {
            const { number, price, accessible } = plan.seats[seat]!;
            const mine = picked.includes(seat);
            const isFree = hall.isFree(seat);
            const cost = plan.prices[price];
            const words = [
              seatInRow(plan, seat),
              cost && money(cost.minor, cost.currency),
              accessible && t("seat.accessible"),
              !isFree && !mine && t(own.has(seat) ? "event.own" : "event.booked"),
            ].filter(Boolean);
            return (
              <li key={seat}>
                <button
                  type="button"
                  class={`seat-button hue-${price < 0 ? 0 : price % 7} ${own.has(seat) ? "seat-own" : ""}`}
                  aria-pressed={mine}
                  disabled={!isFree && !mine}
                  aria-label={words.join(", ")}
                  onClick={() => toggle(seat)}
                >
                  {number}
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </details>
  );
}
