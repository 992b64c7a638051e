"""The client against a real host: `cargo test -p neustream-tests --test clients` starts one and runs this."""

import os
import unittest

from neustream import Neustream, NeustreamError
from neustream_client.api.destinations import create_destination
from neustream_client.api.sources import create_source, delete_source, get_source, list_sources, update_source
from neustream_client.api.streams import get_streams
from neustream_client.models import NewDestinationBody, NewSourceBody, SourceChangeBody

URL = os.environ.get("NEUSTREAM_TEST_URL", "")


@unittest.skipIf(URL == "", "there is no host: NEUSTREAM_TEST_URL names one")
class ServerTest(unittest.TestCase):
    def setUp(self) -> None:
        email, password = os.environ["NEUSTREAM_TEST_EMAIL"], os.environ["NEUSTREAM_TEST_PASSWORD"]
        self.neustream = Neustream(URL, email=email, password=password)
        self.addCleanup(self.neustream.close)

    def test_a_source_and_a_destination_live_from_creation_to_deletion(self) -> None:
        ask = self.neustream.ask
        source = ask(create_source, body=NewSourceBody(name="From Python")).source
        self.assertTrue(str(source.stream_key).startswith("sk_"))
        body = NewDestinationBody(
            platform="youtube", rtmp_url="rtmps://a.rtmps.youtube.com:443/live2", stream_key="yt-key"
        )
        destination = ask(create_destination, source.id, body=body).destination
        self.assertEqual(destination.platform, "youtube")
        [listed] = [listed for listed in ask(list_sources).sources if listed.id == source.id]
        self.assertEqual(listed.destinations_count, 1)
        [stream] = [stream for stream in ask(get_streams).streams if stream.id == source.id]
        self.assertFalse(stream.is_active)

        changed = ask(update_source, source.id, body=SourceChangeBody(name="Renamed"))
        self.assertEqual(changed.source.name, "Renamed")
        ask(delete_source, source.id)
        with self.assertRaises(NeustreamError) as gone:
            ask(get_source, source.id)
        self.assertEqual(gone.exception.code, "NOT_FOUND")

    def test_a_refusal_tells_its_code(self) -> None:
        with self.assertRaises(NeustreamError) as refused:
            Neustream(URL, api_key="nonsense").ask(list_sources)
        self.assertEqual((refused.exception.status, refused.exception.code), (401, "TOKEN_INVALID"))


if __name__ == "__main__":
    unittest.main()
