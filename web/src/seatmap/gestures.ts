// Gestures: what fingers, mouse and wheel do to a map. What a tap means is said by whoever listens.
import type { MapView } from "./view";

/** A finger that moved less than this, in CSS pixels, tapped. */
const TAP = 9;

interface Heard {
  seatAt: (x: number, y: number, touch: boolean) => number | null;
  pick: (x: number, y: number, touch: boolean) => void;
  hover: (seat: number | null, x: number, y: number) => void;
}

/** One finger or the mouse drags, two fingers and the wheel zoom, a tap picks. */
export function gestures(frame: HTMLElement, view: MapView, heard: Heard): () => void {
  const down = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  const place = (event: PointerEvent | WheelEvent): { x: number; y: number } => {
    const box = frame.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const begin = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    if (!down.size) travelled = 0;
    down.set(event.pointerId, place(event));
    heard.hover(null, 0, 0);
  };
  const move = (event: PointerEvent): void => {
    const now = place(event);
    const before = down.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") heard.hover(heard.seatAt(now.x, now.y, false), now.x, now.y);
      return;
    }
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    if (travelled > TAP && !frame.hasPointerCapture(event.pointerId)) frame.setPointerCapture(event.pointerId);
    if (down.size === 2) {
      const other = [...down].find(([id]) => id !== event.pointerId)![1];
      const by = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      view.zoom(by, (now.x + other.x) / 2, (now.y + other.y) / 2);
      view.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else if (travelled > TAP && (event.pointerType === "mouse" || !view.isFit)) view.pan(now.x - before.x, now.y - before.y);
    down.set(event.pointerId, now);
  };
  const end = (event: PointerEvent): void => {
    if (!down.delete(event.pointerId)) return;
    const at = place(event);
    if (event.type === "pointerup" && down.size === 0 && travelled <= TAP) heard.pick(at.x, at.y, event.pointerType !== "mouse");
  };
  const leave = (): void => heard.hover(null, 0, 0);
  const wheel = (event: WheelEvent): void => {
    // At its smallest, the map lets the page scroll.
    if (view.isFit && event.deltaY > 0 && !event.ctrlKey) return;
    event.preventDefault();
    const { x, y } = place(event);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    view.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0022)), x, y);
  };
  frame.addEventListener("pointerdown", begin);
  frame.addEventListener("pointermove", move);
  frame.addEventListener("pointerup", end);
  frame.addEventListener("pointercancel", end);
  frame.addEventListener("pointerleave", leave);
  frame.addEventListener("wheel", wheel, { passive: false });
  return () => {
    frame.removeEventListener("pointerdown", begin);
    frame.removeEventListener("pointermove", move);
    frame.removeEventListener("pointerup", end);
    frame.removeEventListener("pointercancel", end);
    frame.removeEventListener("pointerleave", leave);
    frame.removeEventListener("wheel", wheel);
  };
}
