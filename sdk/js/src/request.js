// Requests and what is asked for like one, written as a chain.

import { bytesOf, json } from "./bytes.js";
import { field, prefixed, basic } from "./value.js";

/** What has headers. */
class WithHeaders {
  constructor() {
    this.headers = [];
  }

  header(name, value) {
    this.headers.push(field(name, value));
    return this;
  }

  bearer(secret) {
    return this.header("authorization", prefixed("Bearer ", secret));
  }

  basic(user, secret) {
    return this.header("authorization", basic(user, secret));
  }
}

/** What has headers and a query. */
class WithQuery extends WithHeaders {
  constructor() {
    super();
    this.fields = [];
  }

  query(name, value) {
    this.fields.push(field(name, value));
    return this;
  }
}

export class Request extends WithQuery {
  constructor(method, url) {
    super();
    this.method = method;
    this.url = url;
    this.body = { tag: "empty" };
    this.timeout = 0;
  }

  static get(url) {
    return new Request("GET", url);
  }

  static post(url) {
    return new Request("POST", url);
  }

  static put(url) {
    return new Request("PUT", url);
  }

  static patch(url) {
    return new Request("PATCH", url);
  }

  static delete(url) {
    return new Request("DELETE", url);
  }

  form(name, value) {
    const fields = this.body.tag === "form" ? this.body.val : [];
    this.body = { tag: "form", val: [...fields, field(name, value)] };
    return this;
  }

  json(value) {
    return this.bytes("application/json", json.to(value));
  }

  bytes(contentType, body) {
    this.body = { tag: "bytes", val: bytesOf(body) };
    return this.header("content-type", contentType);
  }

  timeoutMs(timeoutMs) {
    this.timeout = timeoutMs;
    return this;
  }
}

export class ChatRequest extends WithQuery {
  constructor(id, method, url) {
    super();
    this.id = id;
    this.method = method;
    this.url = url;
    this.body = new Uint8Array();
  }

  json(value) {
    return this.bytes("application/json", json.to(value));
  }

  bytes(contentType, body) {
    this.body = bytesOf(body);
    return this.header("content-type", contentType);
  }
}

export class Endpoint extends WithQuery {
  constructor(url) {
    super();
    this.url = url;
    this.intervalMs = 0;
  }

  everyMs(intervalMs) {
    this.intervalMs = intervalMs;
    return this;
  }
}

export class Lookup extends WithHeaders {
  constructor(id, url) {
    super();
    this.id = id;
    this.url = url;
    this.body = new Uint8Array();
  }

  static get(id, url) {
    return new Lookup(id, url);
  }

  static postJson(id, url, value) {
    const lookup = new Lookup(id, url).header("content-type", "application/json");
    lookup.body = json.to(value);
    return lookup;
  }
}
