// Letting people in: a ticket's code by the camera, where the browser can read one, or typed or scanned by a hand scanner
// into the field; the answer large enough to be seen from a step away.
import type { JSX, TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../api";
import { time } from "../format";
import { underOneKey } from "../keys";
import { seatNames } from "../seatmap/names";
import type { Plan } from "../seatmap/plan";
import type { CommandOutcome } from "../types";
import { t, tOr } from "../words";
import { Field } from "./Form";
import { Icon } from "./Icon";
import { Notice, Trouble } from "./Notice";

interface CheckInOutcome extends CommandOutcome {
  check_in?: { checked_in_at?: string; at?: string; gate?: string | null; seat_id?: string } | null;
}

interface Scanner {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}

const LOOK_MS = 200;
/** The same code in front of the camera is one ticket for so long. */
const SAME_MS = 4_000;
/** A ticket whose answer was lost is the same check-in when it is shown again within so long; later it may be a copy of it. */
const SAME_CHECK_IN_MS = 120_000;

export function CheckIn({ path, plan }: { path: string; plan: Plan | null }): JSX.Element {
  const [result, setResult] = useState<{ outcome: CheckInOutcome; who: string } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [gate, setGate] = useState("");
  const [camera, setCamera] = useState(false);
  const code = useRef<HTMLInputElement>(null);
  const canScan = "BarcodeDetector" in window && !!navigator.mediaDevices;
  const admit = async (ticket: object, who: string): Promise<void> => {
    setError(null);
    try {
      // A ticket whose answer was lost and that is shown again soon is the same check-in, at another gate too.
      const outcome = await underOneKey(
        `${path}/check-ins ${JSON.stringify(ticket)}`,
        { ...ticket, ...(gate ? { gate } : {}) },
        async (body, key) => {
          const headers = { Prefer: "wait=5", "Idempotency-Key": key };
          return (await ask<CheckInOutcome>(`${path}/check-ins`, { method: "POST", body, headers })).body;
        },
        { isKnown: (told) => told.status !== "pending", withinMs: SAME_CHECK_IN_MS },
      );
      setResult({ outcome, who });
    } catch (problem) {
      setResult(null);
      setError(problem);
    }
  };
  const typed = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const wanted = code.current!.value.trim();
    if (!wanted) return;
    code.current!.value = "";
    void admit({ code: wanted }, "");
  };
  const byHand = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const seat = String(form.get("seat_id")).trim();
    void admit({ booking_id: String(form.get("booking_id")).trim(), seat_id: seat }, seatNames(plan, [seat]));
  };
  return (
    <div class="doors">
      <Answer result={result} />
      {error !== null && <Trouble error={error} />}
      <form class="panel" onSubmit={typed}>
        <h2>
          <Icon name="ticket" />
          {t("doors.title")}
        </h2>
        {canScan ? (
          <button type="button" class="button" aria-pressed={camera} onClick={() => setCamera(!camera)}>
            <Icon name="camera" />
            {t(camera ? "doors.cameraOff" : "doors.camera")}
          </button>
        ) : (
          <p class="soft">{t(isSecureContext ? "doors.noCamera" : "doors.unsafe")}</p>
        )}
        {camera && <Camera found={(text) => void admit({ code: text }, "")} failed={setError} />}
        <Field words={t("doors.code")} help={t("doors.codeHelp")}>
          <input ref={code} class="mono" autocomplete="off" autocapitalize="none" spellcheck={false} />
        </Field>
        <label class="field">
          <span>
            {t("doors.gate")} <small>({t("register.optional")})</small>
          </span>
          <input value={gate} maxLength={64} pattern="[A-Za-z0-9._~\-]*" onInput={(event) => setGate(event.currentTarget.value.trim())} />
        </label>
        <div class="row">
          <button type="submit" class="button primary">
            {t("doors.admit")}
          </button>
        </div>
      </form>
      <details class="panel" open={!canScan}>
        <summary>{t("doors.byHand")}</summary>
        <form class="by-hand" onSubmit={byHand}>
          <label class="field">
            <span>{t("booking.id")}</span>
            <input name="booking_id" class="mono" required maxLength={64} />
          </label>
          <label class="field">
            <span>{t("doors.seat")}</span>
            <input name="seat_id" class="mono" required maxLength={64} />
          </label>
          <button type="submit" class="button">
            {t("doors.admit")}
          </button>
        </form>
      </details>
    </div>
  );
}

function Answer({ result }: { result: { outcome: CheckInOutcome; who: string } | null }): JSX.Element {
  const outcome = result?.outcome;
  if (!outcome) return <div role="status" />;
  if (outcome.status === "done")
    return (
      <div class="door-answer door-yes" role="status">
        <Icon name="check" size={48} />
        <strong>{t("doors.yes")}</strong>
        <span>{result.who}</span>
      </div>
    );
  if (outcome.status === "pending") return <Notice tone="warn" title={t("doors.pending")} />;
  const before = outcome.check_in?.checked_in_at ?? outcome.check_in?.at;
  return (
    <div class="door-answer door-no" role="alert">
      <Icon name="close" size={48} />
      <strong>{t("doors.no")}</strong>
      <span>{tOr(`doors.${outcome.reason}`, "reason.unknown", { reason: outcome.reason ?? "" })}</span>
      {before && <span>{t("doors.before", { time: time(before), gate: outcome.check_in?.gate ?? "–" })}</span>}
    </div>
  );
}

function Camera({ found, failed }: { found: (text: string) => void; failed: (error: unknown) => void }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stopped = false;
    let timer = 0;
    let stream: MediaStream | null = null;
    let last = { text: "", at: 0 };
    const Detector = (window as unknown as { BarcodeDetector: new (options: { formats: string[] }) => Scanner }).BarcodeDetector;
    const scanner = new Detector({ formats: ["qr_code"] });
    const look = async (): Promise<void> => {
      if (stopped || !video.current) return;
      const [code] = video.current.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await scanner.detect(video.current) : [];
      if (code && (code.rawValue !== last.text || Date.now() - last.at > SAME_MS)) {
        last = { text: code.rawValue, at: Date.now() };
        found(code.rawValue);
      }
      if (!stopped) timer = window.setTimeout(() => void look().catch(failed), LOOK_MS);
    };
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: "environment" } })
      .then(async (given) => {
        stream = given;
        if (stopped || !video.current) return given.getTracks().forEach((track) => track.stop());
        video.current.srcObject = given;
        await video.current.play();
        await look();
      })
      .catch(failed);
    return () => {
      stopped = true;
      clearTimeout(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  return <video ref={video} class="camera" muted playsInline aria-label={t("doors.camera")} />;
}
