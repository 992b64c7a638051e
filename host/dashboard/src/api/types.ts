/** What the API speaks of. */

export interface User {
  id: string;
  email: string;
  display_name: string;
}

export interface Source {
  id: string;
  name: string;
  description: string;
  playback_id: string;
  is_active: boolean;
  second_publisher: "reject" | "replace";
  /** Only in the answer that creates or rotates it. */
  stream_key?: string;
  /** Where encoders publish. */
  rtmp_url: string;
  /** Where players find the stream. */
  playback_url: string;
  /** The page that shows the stream. */
  watch_url: string;
}

export type StreamState = "offline" | "starting" | "live" | "reconnecting";
export type DestinationState = "idle" | "preparing" | "connecting" | "live" | "retrying" | "failed";

/** A source, its destinations, and what runs of it. Moments are RFC 3339. */
export interface Stream extends Source {
  state: StreamState;
  started_at: string | null;
  bitrate_in_bps: number;
  keyframe_interval_ms: number | null;
  tracks: Track[];
  warnings: string[];
  destinations: Destination[];
}

/** A destination and how it is doing. */
export interface Destination {
  id: string;
  plugin: string;
  name: string;
  rtmp_url: string | null;
  is_active: boolean;
  state: DestinationState;
  reason: { code: string; message: string } | null;
  next_attempt: string | null;
  bitrate_out_bps: number;
  dropped_frames: number;
  reconnects: number;
  platform_live: boolean | null;
}

export interface Track {
  kind: string;
  codec: string;
  width?: number | null;
  height?: number | null;
  sample_rate?: number | null;
  channels?: number | null;
}

export interface Plugin {
  id: string;
  version: string;
  kind: string;
  name: string;
  description: string;
  publisher: string;
  permissions: { capability: string; summary: string; reason: string }[];
  secrets: { name: string; label: string; required: boolean }[];
  config_schema: ConfigSchema;
}

/** The part of JSON Schema 2020-12 that forms are made of. */
export interface ConfigSchema {
  properties?: Record<string, ConfigProperty>;
  required?: string[];
}

export interface ConfigProperty {
  type?: string;
  title?: string;
  description?: string;
  examples?: unknown[];
  enum?: unknown[];
  default?: unknown;
  "x-widget"?: string;
  "x-group"?: string;
}
