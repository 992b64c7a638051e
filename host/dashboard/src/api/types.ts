/** What pages speak of, by short names; the shapes are those of the OpenAPI document. */

import type { PluginBody, SourceBody, StreamBody, StreamDestinationBody, TrackBody, UserBody } from "../../generated/schema";

export type User = UserBody;
export type Source = SourceBody;

/** A source, its destinations, and what runs of it. */
export type Stream = StreamBody;

/** A destination and how it is doing. */
export type Destination = StreamDestinationBody;
export type Track = TrackBody;

export interface Plugin extends PluginBody {
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
