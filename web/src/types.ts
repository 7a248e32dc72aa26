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
