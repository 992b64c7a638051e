// Sends the broadcast to a channel on Example Live, a made-up platform.

import { PluginError, Request, Target, destination, query, readConfig, secret } from "neustream-plugin";

/** @type {Record<string, string>} */
const SERVERS = {
  eu: "rtmps://eu.ingest.live.example/live",
  us: "rtmps://us.ingest.live.example/live",
};

export default destination({
  // Called before every push, also after a lost connection: the same broadcast must give the same target.
  prepare(host) {
    const { channel, server = "eu" } = readConfig(host);
    // An instance lives for one call. What `check` and `finish` need to know, they get from here.
    return Target.of(SERVERS[server], secret("stream-key"), { state: channel });
  },

  // Called now and then while the broadcast runs.
  check(host, ctx, state) {
    const channel = query.escape(new TextDecoder().decode(state));
    const response = host.send(Request.get(`https://api.live.example/v1/channels/${channel}`));
    if (response.status === 404) return { live: false };
    const { live, viewers } = response.success("Example Live").json() ?? {};
    if (typeof live !== "boolean") {
      throw PluginError.unavailable("malformed", "Example Live answered something unknown.");
    }
    return { live, viewers };
  },

  // `finish` would end the broadcast on the platform. Here it ends with its connection, as without the function.
});
