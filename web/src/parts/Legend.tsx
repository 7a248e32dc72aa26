// The legend: what colours and shapes of the map mean, and what seats cost.
import type { JSX } from "preact";
import { money } from "../format";
import { priceName } from "../seatmap/names";
import type { Plan } from "../seatmap/plan";
import { hue } from "../seatmap/theme";
import { t } from "../words";

/** ``plain``: without what only a sale has. ``own``: some seats are the reader's own. */
export function Legend({ plan, plain = false, own = false }: { plan: Plan; plain?: boolean; own?: boolean }): JSX.Element {
  return (
    <ul class="legend" aria-label={t("event.legend")}>
      {plan.prices.map((price, at) => (
        <li>
          <span class={`swatch hue-${hue(at)}`} aria-hidden="true" />
          {priceName(price)} <strong>{money(price.minor, price.currency)}</strong>
        </li>
      ))}
      {!plan.prices.length && (
        <li>
          <span class="swatch hue-0" aria-hidden="true" />
          {t("price.none")}
        </li>
      )}
      {!plain && <Marks own={own} />}
    </ul>
  );
}

function Marks({ own }: { own: boolean }): JSX.Element {
  return (
    <>
      <li>
        <span class="swatch swatch-picked" aria-hidden="true" />
        {t("event.picked")}
      </li>
      {own && (
        <li>
          <span class="swatch swatch-own" aria-hidden="true" />
          {t("event.own")}
        </li>
      )}
      <li>
        <span class="swatch swatch-held" aria-hidden="true" />
        {t("event.held")}
      </li>
      <li>
        <span class="swatch swatch-taken" aria-hidden="true" />
        {t("event.booked")}
      </li>
    </>
  );
}
