// The map on the screen: canvas, gestures, keys, and what is under the pointer in words. Which seats are picked, and what a
// pick means, is said by whoever shows it.
import type { CSSProperties, JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../words";
import { Icon } from "../parts/Icon";
import type { Painter, Words } from "./draw";
import { gestures } from "./gestures";
import type { Plan } from "./plan";
import { lettersAtEdges } from "./rows";
import { themeNow } from "./theme";
import { MapView, movesLittle, PICKING_SEAT, type Seen } from "./view";

interface Props {
  plan: Plan;
  painter: Painter;
  words: Words;
  /** Goes up whenever a seat looks different. */
  revision: number;
  describe: (seat: number) => { title: string; detail: string };
  label: string;
  onPick?: (seat: number) => void;
  onPickArea?: (section: number) => void;
}

/** Further than so much of the pitch from a seat, nothing is meant by a click. */
const REACH = 0.75;
/** Seats smaller than this are not hit by a finger, or a mouse, on purpose: a tap comes closer first. */
const FINGER_SEAT = 15;
const MOUSE_SEAT = 6;

export function SeatMap(props: Props): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<MapView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [cursor, setCursor] = useState<number | null>(null);
  const [hint, setHint] = useState<{ seat: number; x: number; y: number } | null>(null);
  const [said, setSaid] = useState("");
  const [, turn] = useState(0);

  const shown = () => {
    const now = latest.current;
    return { plan: now.plan, painter: now.painter, theme: themeNow(frame.current!), words: now.words };
  };

  useLayoutEffect(() => {
    const view = new MapView(canvas.current!, shown(), () => {
      frame.current?.classList.toggle("is-fit", view.isFit);
      frame.current?.classList.toggle("is-gliding", view.gliding);
      setHint(null);
      turn((n) => n + 1);
    });
    map.current = view;
    const sized = new ResizeObserver(([entry]) => view.resize(entry!.contentRect.width, entry!.contentRect.height));
    sized.observe(frame.current!);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const recolour = (): void => view.show(shown());
    dark.addEventListener("change", recolour);
    const ungesture = gestures(frame.current!, view, {
      seatAt: (x, y, touch) => seatAt(view, latest.current.plan, x, y, touch),
      pick: (x, y, touch) => pick(x, y, touch),
      hover: (seat, x, y) => setHint(seat === null ? null : { seat, x, y }),
    });
    return () => {
      ungesture();
      sized.disconnect();
      dark.removeEventListener("change", recolour);
      view.stop();
    };
  }, []);

  useEffect(() => map.current?.show(shown()), [props.plan, props.painter, props.revision]);

  const pick = (x: number, y: number, touch: boolean): void => {
    const view = map.current!;
    const now = latest.current;
    const at = view.toPlan(x, y);
    const area = now.plan.areas.find((one) => one.general && inside(at, one.outline));
    if (area) return now.onPickArea?.(area.section);
    const seat = seatAt(view, now.plan, x, y, touch);
    if (view.view.k < (touch ? FINGER_SEAT : MOUSE_SEAT)) {
      if (seat !== null || now.plan.areas.some((one) => inside(at, one.outline))) view.zoomTo(PICKING_SEAT, at.x, at.y, view.nearby(x, y, seenOf(frame.current!)));
      return;
    }
    if (seat !== null) {
      setCursor(null);
      now.onPick?.(seat);
      // What is said of it may come to lie above it: look when that is there.
      requestAnimationFrame(() => requestAnimationFrame(() => keepInSight(view, now.plan, seat)));
    }
  };

  const keepInSight = (view: MapView, plan: Plan, seat: number): void => {
    if (!frame.current) return;
    const { x, y } = plan.seats[seat]!;
    const tooLow = view.reveal(x, y, seenOf(frame.current));
    if (tooLow) scrollBy({ top: tooLow, behavior: movesLittle() ? "instant" : "smooth" });
  };

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    const view = map.current!;
    const { plan } = props;
    const step: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const way = step[event.key];
    if (way) {
      const next = cursor === null ? first(plan, view) : neighbour(plan, cursor, way);
      if (next !== null) {
        setCursor(next);
        const seat = plan.seats[next]!;
        if (view.view.k < FINGER_SEAT) view.zoomTo(PICKING_SEAT, seat.x, seat.y);
        else keepInSight(view, plan, next);
        const { title, detail } = props.describe(next);
        setSaid(`${title}, ${detail}`);
      }
    } else if ((event.key === "Enter" || event.key === " ") && cursor !== null) {
      props.onPick?.(cursor);
      const { title, detail } = props.describe(cursor);
      setSaid(`${title}, ${detail}`);
    } else if (event.key === "+" || event.key === "=") view.zoom(1.5, undefined, undefined, true);
    else if (event.key === "-") view.zoom(1 / 1.5, undefined, undefined, true);
    else if (event.key === "0") view.fitAll();
    else return;
    event.preventDefault();
  };

  const marked = cursor === null ? null : map.current?.toWindow(props.plan.seats[cursor]!.x, props.plan.seats[cursor]!.y);
  const tip = hint ?? (cursor !== null && marked ? { seat: cursor, ...marked } : null);
  return (
    <div class="map">
      <div
        ref={frame}
        class="map-frame is-fit"
        style={{ "--ratio": ratio(props.plan) }}
        role="application"
        aria-roledescription={t("map.role")}
        aria-label={props.label}
        aria-describedby="map-help"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setCursor(null)}
      >
        <canvas ref={canvas} aria-hidden="true" />
        {map.current && !map.current.isFit && <Letters plan={props.plan} view={map.current} />}
        {marked && <span class="map-cursor" style={at(marked.x, marked.y, map.current!.view.k)} />}
        {tip && <Tip {...tip} {...props.describe(tip.seat)} />}
      </div>
      <div class="map-tools">
        <button type="button" class="tool" aria-label={t("map.closer")} onClick={() => map.current?.zoom(1.7, undefined, undefined, true)}>
          <Icon name="plus" />
        </button>
        <button type="button" class="tool" aria-label={t("map.further")} onClick={() => map.current?.zoom(1 / 1.7, undefined, undefined, true)}>
          <Icon name="minus" />
        </button>
        <button type="button" class="tool" aria-label={t("map.whole")} onClick={() => map.current?.fitAll()}>
          <Icon name="whole" />
        </button>
      </div>
      <p id="map-help" class="hidden">
        {t("map.help")}
      </p>
      <p class="hidden" role="status">
        {said}
      </p>
    </div>
  );
}

/** How high a plan is for its width. */
function ratio({ bounds }: Plan): number {
  return (bounds.bottom - bounds.top) / (bounds.right - bounds.left);
}

function Letters({ plan, view }: { plan: Plan; view: MapView }): JSX.Element {
  return (
    <div class="map-letters" aria-hidden="true">
      {lettersAtEdges(plan, view.view, view.size).map(({ text, x, y }) => (
        <span style={{ transform: `translate(${Math.round(x)}px, ${Math.round(y)}px)` }}>
          <b>{text}</b>
        </span>
      ))}
    </div>
  );
}

/** The part of the map that no bar of the page lies above. */
function seenOf(frame: HTMLElement): Seen {
  const box = frame.getBoundingClientRect();
  let top = 0;
  let bottom = innerHeight;
  for (const bar of document.querySelectorAll(".top, .dock")) {
    const { position } = getComputedStyle(bar);
    const lies = bar.getBoundingClientRect();
    if (position === "sticky") top = Math.max(top, lies.bottom);
    if (position === "fixed") bottom = Math.min(bottom, lies.top);
  }
  return { top: Math.max(0, top - box.top), bottom: Math.min(box.height, bottom - box.top) };
}

function Tip({ x, y, title, detail }: { x: number; y: number; title: string; detail: string }): JSX.Element {
  return (
    <div class="map-tip" style={{ transform: `translate(${Math.round(x)}px, ${Math.round(y)}px)` }} aria-hidden="true">
      <span class="map-tip-box">
        <strong>{title}</strong>
        <span>{detail}</span>
      </span>
    </div>
  );
}

function at(x: number, y: number, k: number): CSSProperties {
  const side = Math.max(12, k * 1.15);
  return { width: `${side}px`, height: `${side}px`, transform: `translate(${x - side / 2}px, ${y - side / 2}px)` };
}

function seatAt(view: MapView, plan: Plan, x: number, y: number, touch: boolean): number | null {
  const at = view.toPlan(x, y);
  const reach = touch ? Math.max(REACH, 14 / view.view.k) : REACH;
  let best: number | null = null;
  let least = reach;
  for (let index = 0; index < plan.seats.length; index++) {
    const seat = plan.seats[index]!;
    const dx = Math.abs(seat.x - at.x);
    if (dx > least) continue;
    const away = Math.hypot(dx, seat.y - at.y);
    if (away < least) {
      least = away;
      best = index;
    }
  }
  return best;
}

/** The seat nearest to the middle of what is seen. */
function first(plan: Plan, view: MapView): number | null {
  const frame = view.toPlan(0, 0);
  const { left, top, right, bottom } = plan.bounds;
  const middle = view.isFit ? { x: (left + right) / 2, y: (top + bottom) / 2 } : { x: frame.x + 8, y: frame.y + 6 };
  let best: number | null = null;
  let least = Infinity;
  plan.seats.forEach((seat, index) => {
    const away = Math.hypot(seat.x - middle.x, seat.y - middle.y);
    if (away < least) {
      least = away;
      best = index;
    }
  });
  return best;
}

/** The nearest seat that lies more in this direction than beside it. */
export function neighbour(plan: Plan, from: number, [dx, dy]: [number, number]): number | null {
  const here = plan.seats[from]!;
  let best: number | null = null;
  let least = Infinity;
  plan.seats.forEach((seat, index) => {
    const ahead = (seat.x - here.x) * dx + (seat.y - here.y) * dy;
    const aside = Math.abs((seat.x - here.x) * dy) + Math.abs((seat.y - here.y) * dx);
    if (ahead < 0.35 || aside > ahead * 1.2) return;
    const away = ahead + aside * 1.6;
    if (away < least) {
      least = away;
      best = index;
    }
  });
  return best;
}

function inside({ x, y }: { x: number; y: number }, outline: [number, number][]): boolean {
  let within = false;
  for (let at = 0, before = outline.length - 1; at < outline.length; before = at++) {
    const [ax, ay] = outline[at]!;
    const [bx, by] = outline[before]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
  }
  return within;
}
