// What the API says, as far as this page reads it: the names are those of /api/openapi.json.

export type Kind = "concert" | "sports" | "theatre" | "movie" | "train" | "other";
export type SeatStatus = "available" | "held" | "booked";

export interface EventSummary {
  event_id: string;
  date: string;
  name: string;
  kind: Kind;
  venue: string;
  place: string | null;
  time_zone: string;
  seats_total: number;
  seats_available: number;
  version: number;
  status: "on_sale" | "closed" | "cancelled";
  hold_seconds: number;
  production_id: string | null;
  production_name: string | null;
  origin: string | null;
  destination: string | null;
  departure: string | null;
  arrival: string | null;
  on_sale_at: string | null;
  off_sale_at: string | null;
  max_seats_per_user: number | null;
}

export interface EventDetails extends EventSummary {
  description: string;
}

export interface CategoryPrice {
  category: string | null;
  price_minor: number;
  seat_ids: string[] | null;
}

export interface SectionLayout {
  section: string;
  general_admission: boolean;
  seats_total: number;
  currency: string | null;
  prices: CategoryPrice[];
  accessible: string[];
  rows: { row: string; seat_ids: string[] }[];
}

export interface Layout {
  event_id: string;
  sections: SectionLayout[] | null;
}

export interface SectionAvailability {
  section: string;
  seats_total: number;
  seats_available: number;
  version: number;
  status: string;
}

export interface Availability {
  event_id: string;
  version: number;
  sections: SectionAvailability[];
}

export interface Production {
  production_id: string;
  name: string;
  kind: Kind;
  events_total: number;
  first_date: string;
  last_date: string;
}

export interface ProductionWithEvents {
  production_id: string;
  name: string;
  kind: Kind;
  events: EventSummary[];
}

export type BookingStatus =
  | "pending"
  | "held"
  | "paying"
  | "confirmed"
  | "rejected"
  | "failed"
  | "cancelled"
  | "expired";

export interface Offer {
  offer_id: string;
  seat_ids: string[];
  expires_at: string;
}

export interface Booking {
  booking_id: string;
  event_id: string | null;
  seat_ids: string[] | null;
  status: BookingStatus;
  reason: string | null;
  conflicts?: string[];
  offer?: Offer | null;
  user_id: string | null;
  requested_at: string | null;
  decided_at: string | null;
  expires_at: string | null;
  version: number;
  position?: string | null;
}

export interface Accepted {
  booking_id: string;
  status: "pending";
  status_url: string;
}

export interface CommandAccepted {
  command_id: string;
  status_url: string;
}

export interface CommandOutcome {
  command_id: string;
  status: "pending" | "done" | "refused" | "failed";
  reason: string | null;
}

export interface Account {
  user_id: string;
  display_name: string;
  email: string | null;
  role: "customer" | "organiser" | "operator";
  created_at: string;
}

export interface Session {
  session_id: string;
  user_agent: string;
  created_at: string;
  refreshed_at: string;
  expires_at: string;
  current: boolean;
}

export interface FieldError {
  field: string;
  message: string;
  line?: number | null;
}

export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  errors?: FieldError[] | null;
  booking_id?: string | null;
  status_url?: string | null;
}

export interface SeatsByStatus {
  available?: string[];
  held?: string[];
  booked?: string[];
}

export interface EventMessage {
  event: Partial<EventSummary>;
  sections: { section: string; version: number; seats_total: number; seats_available: number }[];
  seats: SeatsByStatus | null;
}

export interface SeatFigures {
  available: number;
  held: number;
  booked: number;
  blocked: number;
}

export interface Sales {
  event_id: string;
  seats_total: number;
  seats: SeatFigures;
  categories: (SeatFigures & { category: string | null; price_minor: number | null; currency: string | null; revenue_minor: number })[];
  revenue: { currency: string; revenue_minor: number }[];
  sold: { minute: string; seats: number }[];
  sold_earlier: number;
  refused: Record<string, number>;
  counted_since: string | null;
  version: number;
}

export interface Health {
  status: "ok" | "unavailable";
  checks: Record<string, { status: "ok" | "unavailable"; since: string; detail: string; degraded?: string[] }>;
}

export interface ServiceState {
  name: string;
  status: "ok" | "unavailable";
  processes: { name: string; status: "ok" | "unavailable"; detail: string; memory_bytes: number | null }[];
  rates: { name: string; per_s: number | null }[];
  latencies: { name: string; p50_ms: number | null; p99_ms: number | null }[];
}

export interface StoreState {
  name: string;
  status: "ok" | "unavailable";
  detail: string;
  leader: string | null;
  replicas: { name: string; role: string; status: "ok" | "unavailable"; lag: number | null }[];
}

export interface System {
  as_of: string;
  status: "ok" | "unavailable";
  services: ServiceState[];
  stores: StoreState[];
  log: { partition: number; leader: string | null; replicas: number; in_sync: number; lag: number | null }[];
  projection: { age_s: number | null; lag_s: number | null };
}

export interface AuditReport {
  status: "first_proof" | "watching" | "broken" | "waiting" | "away";
  as_of: string;
  violations: number;
  broken: { what: string; event_id: string; booking_id: string; seat_id: string; log_says: string; ledger_says: string; view_says: string }[];
  last_full_proof: { at: string; seconds: number; position: string; messages: number; rows: number } | null;
  proved_to: { position: string; messages: number; behind: number };
}

export interface DeadLetter {
  letter_id: string;
  kept_at: string;
  kind: string | null;
  size_bytes: number;
  reason: string;
  obstacle: string | null;
  cautions: string[];
  replay: { command_id: string; status: string; reason: string | null } | null;
}
