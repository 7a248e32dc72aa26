// The best seats: how many, where and up to which price; the platform chooses and takes them in one step. It is also the
// way to places that have no numbers. Which they are is known when they are taken, so it says that, and no more.
import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { money } from "../format";
import { sectionName } from "../seatmap/names";
import type { Plan } from "../seatmap/plan";
import type { EventDetails } from "../types";
import { t, tn } from "../words";
import { Icon } from "./Icon";

interface Props {
  event: EventDetails;
  plan: Plan | null;
  most: number;
  section: string;
  setSection: (section: string) => void;
  free: Map<string, number> | null;
  /** Its wishes are behind a word until somebody has one. */
  brief: boolean;
  ask: (body: Record<string, unknown>) => void;
}

export function Best({ event, plan, most, section, setSection, free, brief, ask }: Props): JSX.Element {
  const [count, setCount] = useState(2);
  const [mostMinor, setMostMinor] = useState("");
  const [accessible, setAccessible] = useState(false);
  const sections = plan?.sections ?? [];
  const levels = [...new Map((plan?.prices ?? []).map((price) => [price.minor, price])).values()].sort((a, b) => a.minor - b.minor);
  const holds = event.hold_seconds > 0;
  const many = Math.min(count, most);
  const canWish = levels.length > 1 || sections.length > 1 || sections.some((one) => one.accessible.length > 0);
  const go = (submitted: TargetedSubmitEvent<HTMLFormElement>): void => {
    submitted.preventDefault();
    ask({
      best: {
        count: many,
        ...(section ? { section } : {}),
        ...(mostMinor ? { max_price: Number(mostMinor) } : {}),
        ...(accessible ? { accessible } : {}),
      },
    });
  };
  const wishes = (
    <>
      {levels.length > 1 && (
        <label class="field">
          <span>{t("best.price")}</span>
          <select value={mostMinor} onChange={(event) => setMostMinor(event.currentTarget.value)}>
            <option value="">{t("best.anyPrice")}</option>
            {levels.map((price) => (
              <option value={price.minor}>{money(price.minor, price.currency)}</option>
            ))}
          </select>
        </label>
      )}
      {sections.length > 1 && (
        <label class="field">
          <span>{t("best.section")}</span>
          <select value={section} onChange={(event) => setSection(event.currentTarget.value)}>
            <option value="">{t("best.anywhere")}</option>
            {sections.map(({ section: name }) => (
              <option value={name}>
                {sectionName(name)} ({tn("list.free", free?.get(name) ?? 0)})
              </option>
            ))}
          </select>
        </label>
      )}
      {sections.some((one) => one.accessible.length > 0) && (
        <label class="check">
          <input type="checkbox" checked={accessible} onChange={(event) => setAccessible(event.currentTarget.checked)} />
          <span>{t("best.accessible")}</span>
        </label>
      )}
    </>
  );
  return (
    <form class={`best panel ${brief ? "brief" : ""}`} onSubmit={go}>
      <h2 class={brief ? "hidden" : ""}>
        <Icon name="star" />
        {t("best.title")}
      </h2>
      {canWish && !brief && wishes}
      <div class="best-ask">
        <span class="stepper" role="group" aria-label={t("best.count")}>
          <button type="button" class="tool" aria-label={t("best.fewer")} disabled={many <= 1} onClick={() => setCount(many - 1)}>
            <Icon name="minus" />
          </button>
          <output aria-live="polite">{many}</output>
          <button type="button" class="tool" aria-label={t("best.more")} disabled={many >= most} onClick={() => setCount(many + 1)}>
            <Icon name="plus" />
          </button>
        </span>
        <button type="submit" class="button">
          {tn(holds ? "best.hold" : "best.book", many)}
        </button>
      </div>
      <div class="best-more">
        <p class="soft">{t(holds ? "best.holdNote" : "best.bookNote")}</p>
        {canWish && brief && (
          <details open={section !== ""}>
            <summary>{t("best.wishes")}</summary>
            <div class="wishes">{wishes}</div>
          </details>
        )}
      </div>
    </form>
  );
}
