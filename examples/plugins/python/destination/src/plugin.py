"""Sends the broadcast to a channel on Example Live, a made-up platform."""

from neustream_plugin import Context, Host, PluginError, Request, Value, query, read_config
from neustream_plugin.destination import Broadcast, DestinationAdapter, Health, Target, destination

SERVERS = {
    "eu": "rtmps://eu.ingest.live.example/live",
    "us": "rtmps://us.ingest.live.example/live",
}


class ExampleLive(DestinationAdapter):
    """The adapter."""

    # Called before every push, also after a lost connection: the same broadcast must give the same target.
    def prepare(self, host: Host, ctx: Context, broadcast: Broadcast) -> Target:
        settings = read_config(host)
        url = SERVERS[settings.get("server", "eu")]
        # An instance lives for one call. What `check` and `finish` need to know, they get from here.
        return Target.of(url, Value.Secret("stream-key"), state=settings["channel"].encode())

    # Called now and then while the broadcast runs.
    def check(self, host: Host, ctx: Context, state: bytes) -> Health:
        channel = query.escape(state.decode("utf-8", "replace"))
        response = host.send(Request.get(f"https://api.live.example/v1/channels/{channel}"))
        if response.status == 404:
            return Health(live=False)
        told = response.success("Example Live").json()
        if not isinstance(told, dict) or "live" not in told:
            raise PluginError.unavailable("malformed", "Example Live answered something unknown.")
        return Health(told["live"], told.get("viewers"))

    # `finish` would end the broadcast on the platform. Here it ends with its connection, as the class's own says.


plugin = destination(ExampleLive)
