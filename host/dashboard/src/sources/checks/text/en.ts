export const en = {
  preFlight: {
    run: "Check again",
    running: "Checking…",
    checkedAt: "Checked",
    ready: "Ready to go live",
    readyHint: "Nothing stands in the way.",
    readyWithWarnings: "Ready, with advice",
    readyWithWarningsHint: "You can go live. What is marked below would make it better.",
    notReady: "Not ready yet",
    notReadyHint: "Correct what is marked below, then check again.",
    waiting: "Waiting for your encoder",
    waitingHint: "What can be checked without it was checked. Start streaming, and the rest follows by itself.",
    source: "Your encoder",
    fix: "Do this",
    whereInObs: "In OBS",
    status: { ok: "In order", warning: "Advice", problem: "To be corrected", unknown: "Not known yet" } as Record<string, string>,
    needsEncoder: "Known as soon as your encoder sends.",
    notMeasured: "Not measured yet. It is looked at again in a few seconds.",
    notAsked: "It could not be asked now. Check again in a few seconds.",
    seconds: (count: string) => `${count} s`,
    pixels: (count: string) => `${count} px`,
    hours: (count: string) => `${count} h`,
  },
  checks: {
    "encoder-connected": {
      name: "Encoder",
      ok: () => "Your encoder is connected.",
      problem: () => "Your encoder is not connected.",
      fix: "Start streaming in your encoder, with the server and the key of this source.",
      obs: "Settings → Stream → Service: Custom…",
    },
    "video-codec": {
      name: "Picture format",
      ok: (has) => `The picture comes as ${has}.`,
      problem: (has) => `The picture comes as ${has}, which is not taken here.`,
      fix: "Choose an H.264 encoder (x264, or one of your graphics card named H.264).",
      obs: "Settings → Output → Streaming → Video Encoder: H.264",
    },
    "picture-missing": {
      name: "Picture",
      ok: () => "",
      problem: () => "Your encoder sends no picture.",
      fix: "Add a source of video and start again.",
      obs: "Sources → +",
    },
    "resolution-odd": {
      name: "Resolution",
      ok: () => "",
      problem: (has) => `The picture is ${has}: with an odd width or height some players show a green edge, or nothing.`,
      fix: "Choose a usual resolution, such as 1920×1080 or 1280×720.",
      obs: "Settings → Video → Output (Scaled) Resolution",
    },
    "frame-rate-low": {
      name: "Frames per second",
      ok: () => "",
      problem: (has) => `Only ${has} frames per second arrive, which jerks. Your encoder or its connection may be overloaded.`,
      fix: "Choose a faster preset or a smaller resolution, or a lower bitrate if the network is slow.",
      obs: "Settings → Output → Streaming → CPU Usage Preset",
    },
    "destination-missing": {
      name: "Destinations",
      ok: () => "",
      problem: () => "There is no destination: the stream is shown here and nowhere else.",
      fix: "Add one under Destinations, if others should show it too.",
      obs: "",
    },
    resolution: {
      name: "Resolution",
      ok: (has) => `The picture is ${has}.`,
      problem: (has, limit) => `The picture is ${has}; at most ${limit} is taken.`,
      fix: "Choose a smaller output resolution.",
      obs: "Settings → Video → Output (Scaled) Resolution",
    },
    "video-bitrate": {
      name: "Bitrate of the picture",
      ok: (has) => `${has} arrives.`,
      problem: (has, limit) => `${has} arrives; at most ${limit} is taken.`,
      fix: "Lower the bitrate of the picture.",
      obs: "Settings → Output → Streaming → Bitrate",
    },
    "keyframe-interval": {
      name: "Keyframe interval",
      ok: (has) => `A keyframe comes every ${has}.`,
      problem: (has, limit) => `A keyframe comes every ${has}; at most ${limit} is good. Players start late and platforms may refuse.`,
      fix: "Set the keyframe interval to 2 s.",
      obs: "Settings → Output → Output Mode: Advanced → Streaming → Keyframe Interval: 2 s",
    },
    "audio-present": {
      name: "Sound",
      ok: () => "There is sound.",
      problem: () => "There is no sound track. Some platforms refuse a stream without one.",
      fix: "Add a source of sound, even a silent one.",
      obs: "Settings → Audio → Global Audio Devices",
    },
    "audio-codec": {
      name: "Sound format",
      ok: (has) => `The sound comes as ${has}.`,
      problem: (has) => `The sound comes as ${has}, which is not taken here.`,
      fix: "Choose AAC for the sound.",
      obs: "Settings → Output → Streaming → Audio Encoder: AAC",
    },
    "audio-bitrate": {
      name: "Bitrate of the sound",
      ok: (has) => `${has} arrives.`,
      problem: (has, limit) => `${has} arrives; at most ${limit} is taken.`,
      fix: "Lower the bitrate of the sound.",
      obs: "Settings → Output → Audio → Track 1 → Audio Bitrate",
    },
    "frame-rate": {
      name: "Frames per second",
      ok: (has) => `${has} frames per second arrive.`,
      problem: (has, limit) => `${has} frames per second arrive; most platforms take at most ${limit === "" ? "60" : limit}.`,
      fix: "Lower the frame rate.",
      obs: "Settings → Video → Common FPS Values",
    },
    "streaming-hours": {
      name: "Streaming time of your plan",
      ok: (has, limit) => (limit === "" ? "There is streaming time left." : `${has} of ${limit} used this month.`),
      problem: (has, limit) => `${has} of ${limit} used this month: the stream would soon be ended.`,
      fix: "Change your plan, or wait for the next month.",
      obs: "",
    },
    "destination-enabled": {
      name: "Switched on",
      ok: () => "It is switched on.",
      problem: () => "It is switched off and will receive nothing.",
      fix: "Switch it on under Destinations.",
      obs: "",
    },
    "plugin-ready": {
      name: "Plugin",
      ok: () => "Its plugin is ready.",
      problem: () => "Its plugin cannot run.",
      fix: "Open the plugin's page: it says what is missing.",
      obs: "",
    },
    "account-connected": {
      name: "Account",
      ok: () => "The account is connected.",
      problem: () => "The account is not connected, or the platform no longer accepts it.",
      fix: "Connect the account under Destinations.",
      obs: "",
    },
    "key-accepted": {
      name: "Stream key",
      ok: () => "The platform accepts the key.",
      problem: () => "The platform does not accept the key, or cannot be reached.",
      fix: "Copy server and key from the platform again and edit the destination.",
      obs: "",
    },
  } as Record<string, CheckWords>,
};

/** What a check found, by its status; `has` and `limit` are figures as people read them. */
export interface CheckWords {
  name: string;
  ok: (has: string, limit: string) => string;
  problem: (has: string, limit: string) => string;
  fix: string;
  /** Where it is set in OBS; empty where it is not set there. */
  obs: string;
}

export type Texts = typeof en;
