export const en = {
  title: "Live stream",
  behind: (seconds: string) => `${seconds} s behind live`,
  ended: "The stream has ended. It will continue here when it comes back.",
  live: "Live",
  reconnecting: "Waiting for the picture",
  refused: "This stream is only for viewers with a valid link. Ask for a new one where you found this one.",
  refusedShort: "Not allowed",
  starting: "Starting",
  unknown: "There is no stream at this address.",
  unmute: "Turn on sound",
  unsupported: "This browser cannot play the stream.",
  waiting: "The stream has not started yet. It will begin here by itself.",
  waitingShort: "Offline",
};

export type Texts = typeof en;
