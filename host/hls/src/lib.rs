//! Low-latency HLS: segmenter, CMAF and playlists; sans-IO.
