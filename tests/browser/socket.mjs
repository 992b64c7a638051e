// A customer's Socket.IO client, as the documents show it: joins a stream and
// says every event that arrives.
//
// Usage: node socket.mjs BASE_URL TOKEN JOIN_ARGUMENT
import { io } from "socket.io-client";

const [url, token, stream] = process.argv.slice(2);
const say = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);
const socket = io(url, { auth: { token } });

socket.on("connect", () => {
  say({ connected: socket.id });
  socket.emit("join-stream", JSON.parse(stream), (answer) => say({ joined: answer ?? null }));
  say({ asked: true });
});
socket.on("connect_error", (error) => say({ refused: error.message }));
socket.on("disconnect", (reason) => say({ disconnected: reason }));
socket.onAny((event, body) => say({ event, body, at: Date.now() }));
