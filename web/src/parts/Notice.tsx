// Notices: what happened and what to do next, said to eyes and ears alike.
import type { ComponentChildren, JSX } from "preact";
import { Problem, Unreachable } from "../api";
import { Refused, Undecided } from "../commands";
import { t, tOr } from "../words";
import { Icon, type IconName } from "./Icon";

export type Tone = "info" | "good" | "warn" | "bad";
const ICONS: Record<Tone, IconName> = { info: "info", good: "check", warn: "clock", bad: "warn" };

interface Props {
  tone?: Tone;
  title: string;
  children?: ComponentChildren;
  /** Said at once by screen readers; otherwise when they are done with their sentence. */
  urgent?: boolean;
}

export function Notice({ tone = "info", title, children, urgent = false }: Props): JSX.Element {
  return (
    <div class={`notice notice-${tone}`} role={urgent ? "alert" : "status"}>
      <Icon name={ICONS[tone]} />
      <div class="notice-body">
        <p class="notice-title">{title}</p>
        {children}
      </div>
    </div>
  );
}

export interface Said {
  title: string;
  next: string;
}

/** An error as two sentences: what it is, and what to do. */
export function said(error: unknown): Said {
  if (error instanceof Unreachable) return { title: t("problem.unreachable"), next: t("problem.unreachableNext") };
  if (error instanceof Refused && error.reason === "seat_taken") return { title: t("reason.seat_takenAlone"), next: "" };
  if (error instanceof Refused) return { title: tOr(`reason.${error.reason}`, "reason.unknown", { reason: error.reason }), next: "" };
  if (error instanceof Undecided) return { title: t("booking.pendingLong"), next: "" };
  if (error instanceof Problem) {
    const { document } = error;
    const wrong = (document.errors ?? []).map((one) => `${one.field} ${one.message}`).join("; ");
    return {
      title: tOr(`problem.${error.slug}`, "problem.other"),
      next: wrong || tOr(`problem.${error.slug}Next`, "problem.again", { id: document.instance }),
    };
  }
  return { title: t("problem.other"), next: t("problem.again") };
}

interface TroubleProps {
  error: unknown;
  again?: () => void;
  /** What failed is asked again and again; otherwise, without ``again``, it was sent by hand and is not. */
  polled?: boolean;
}

export function Trouble({ error, again, polled = false }: TroubleProps): JSX.Element {
  const { title, next: nextByItself } = said(error);
  const next = error instanceof Unreachable && !again && !polled ? t("problem.unreachableByHand") : nextByItself;
  return (
    <Notice tone="bad" title={title} urgent>
      {next && <p>{next}</p>}
      {again && (
        <button type="button" class="button small" onClick={again}>
          {t("problem.again")}
        </button>
      )}
    </Notice>
  );
}

export function Loading(): JSX.Element {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      {t("wait.loading")}
    </p>
  );
}
