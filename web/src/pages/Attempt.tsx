// An attempt on its way: seen for a moment, or for as long as the line is gone; ends at the booking.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { attemptOf, send, type Attempt, type Sending } from "../attempts";
import { Notice, said } from "../parts/Notice";
import { Title } from "../parts/Shell";
import { useSecondsUntil } from "../parts/clock";
import { go } from "../router";
import { t } from "../words";

export function AttemptPage({ id }: { id: string }): JSX.Element {
  const attempt = attemptOf(id);
  if (!attempt)
    return (
      <Notice tone="warn" title={t("attempt.unknown")}>
        <p>{t("attempt.unknownNext")}</p>
        <a class="button small" href="/mine">
          {t("nav.mine")}
        </a>
      </Notice>
    );
  return <Underway key={id} attempt={attempt} />;
}

function Underway({ attempt }: { attempt: Attempt }): JSX.Element {
  const [sending, set] = useState<Sending | null>(null);
  useEffect(() => {
    const begun = send(attempt);
    set(begun);
    return begun.stop;
  }, [attempt.key]);
  const phase = sending?.phase.value ?? { is: "sending" as const };
  return (
    <section class="narrow">
      <Title tab={t("attempt.title")}>{t("attempt.title")}</Title>
      {(phase.is === "sending" || phase.is === "booked") && (
        <p class="loading" role="status">
          <span class="spinner" aria-hidden="true" />
          {t("attempt.sending")}
        </p>
      )}
      {phase.is === "waiting" && (
        <Notice tone="warn" title={navigator.onLine ? said(phase.problem).title : t("attempt.offline")}>
          {navigator.onLine && <Again at={phase.againAt} />}
          <div class="row">
            <button type="button" class="button small" onClick={() => sending?.now()}>
              {t("attempt.now")}
            </button>
            <button type="button" class="link" onClick={() => go(`/events/${attempt.eventId}`)}>
              {t("attempt.leave")}
            </button>
          </div>
          <p class="soft">{t("attempt.left")}</p>
        </Notice>
      )}
      {phase.is === "refused" && (
        <Notice tone="bad" title={said(phase.problem).title} urgent>
          <p>{said(phase.problem).next}</p>
          <a class="button small" href={`/events/${attempt.eventId}`}>
            {t("booking.other")}
          </a>
        </Notice>
      )}
    </section>
  );
}

function Again({ at }: { at: number }): JSX.Element {
  return <p>{t("attempt.again", { seconds: Math.ceil(useSecondsUntil(at)) })}</p>;
}
