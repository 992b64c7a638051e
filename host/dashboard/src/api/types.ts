/** What the API speaks of. */

export interface User {
  id: string;
  email: string;
  display_name: string;
}

export interface Source {
  id: string;
  name: string;
  description?: string | null;
  playback_id: string;
  is_active: boolean;
  second_publisher?: "reject" | "replace";
  destinations_count?: number;
  created_at?: string;
  /** Only in the answer that creates or rotates it. */
  stream_key?: string | null;
  /** Where the encoder connects. */
  rtmp_url?: string | null;
}

export interface Destination {
  id: string;
  plugin: string;
  name?: string | null;
  config: Record<string, unknown>;
  is_active: boolean;
}

export interface Reason {
  code: string;
  message: string;
}

export type StreamState = "offline" | "starting" | "live" | "reconnecting";
export type DestinationState = "idle" | "preparing" | "connecting" | "live" | "retrying" | "failed";

export interface DestinationStatus {
  id: string;
  plugin: string;
  state: DestinationState;
  reason: Reason | null;
  since: number;
  next_attempt: number | null;
  bitrate_out_bps: number;
  bytes_out: number;
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
