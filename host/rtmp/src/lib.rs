//! RTMP server and client sessions, chunk reader and encode-once writer; sans-IO.
