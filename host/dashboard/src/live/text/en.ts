/** What happened, and what to do about it. */
export interface Advice {
  what: string;
  todo: string;
}

export const en = {
  /** Why a destination or a source is not as it should be, by what has to be done about it. */
  reasons: {
    rejected: {
      what: "The platform refused the stream.",
      todo: "Mostly the stream key is wrong or was renewed there, or another encoder sends with it. Copy the key from the platform again.",
    },
    refused: {
      what: "The server takes no connections.",
      todo: "Compare its address with the one the platform shows. If it is right, the platform has trouble: the next attempt comes by itself.",
    },
    unreachable: {
      what: "The server does not answer.",
      todo: "Compare its address with the one the platform shows. If it is right, the next attempt comes by itself.",
    },
    nameUnknown: {
      what: "There is no server of this name.",
      todo: "Check the spelling of the server address.",
    },
    tls: {
      what: "No secure connection came about.",
      todo: "Check the server address; a server of your own needs a valid certificate.",
    },
    notRtmp: {
      what: "What answers there does not speak RTMP.",
      todo: "Check the server address and its port: it must be the one for encoders, not that of a website.",
    },
    interrupted: {
      what: "The connection broke.",
      todo: "It is made again by itself. If that happens often, look at the platform's status page.",
    },
    ended: {
      what: "The platform ended the broadcast.",
      todo: "If it was not you, the platform tells you why on its own pages. Then try again here.",
    },
    stalled: {
      what: "The platform stopped taking the stream.",
      todo: "It is connected again by itself. If that happens often, send less: in OBS, Settings → Output → Streaming → Video Bitrate.",
    },
    slow: {
      what: "The platform takes less than you send: frames are left out.",
      todo: "Send less (in OBS, Settings → Output → Streaming → Video Bitrate), or choose a server of the platform that is nearer.",
    },
    aboveLimit: {
      what: "You send more than the platform accepts.",
      todo: "Lower the bitrate before the platform ends the broadcast: in OBS, Settings → Output → Streaming → Video Bitrate.",
    },
    address: {
      what: "The server address cannot be used.",
      todo: "Edit the destination and take over the address as the platform shows it, without the stream key.",
    },
    addressForbidden: {
      what: "This host may not send to that address.",
      todo: "Addresses of private networks are closed. Whoever runs this host can open them.",
    },
    key: {
      what: "The stream key is missing or cannot be used.",
      todo: "Edit the destination and paste the key as the platform shows it.",
    },
    account: {
      what: "The platform does not accept the account.",
      todo: "Connect the account again.",
    },
    settings: {
      what: "The settings are incomplete or wrong.",
      todo: "Edit the destination and correct what is marked there.",
    },
    patience: {
      what: "The platform asks for patience.",
      todo: "Nothing to do: the next attempt comes when the platform allows it.",
    },
    quota: {
      what: "The platform takes no more requests of this host today.",
      todo: "Paste a stream key instead of using the connected account, or wait until the platform counts anew.",
    },
    platformTrouble: {
      what: "The platform has trouble.",
      todo: "The next attempt comes by itself. Its status page may say more.",
    },
    notEnabled: {
      what: "Live streaming is not enabled on this account.",
      todo: "Enable it on the platform. Some platforms take up to 24 hours for that.",
    },
    tooMany: {
      what: "The account has too many broadcasts already.",
      todo: "End or delete broadcasts on the platform, then try again.",
    },
    broadcastGone: {
      what: "The broadcast was ended or deleted on the platform.",
      todo: "End the stream here and start it again: that makes a new broadcast.",
    },
    hostBusy: {
      what: "This host is busy.",
      todo: "Nothing to do: the next attempt comes in a moment.",
    },
    pluginFailed: {
      what: "The plugin failed.",
      todo: "The next attempt comes by itself. If it goes on, go back to the plugin's former version on its page.",
    },
    pluginStopped: {
      what: "The plugin may not run.",
      todo: "Its page says why, and what can be done.",
    },
    pluginDenied: {
      what: "The plugin wants something that was not permitted.",
      todo: "Look at its permissions on its page.",
    },
    archived: {
      what: "The app is archived.",
      todo: "Restore it under Settings to stream again.",
    },
    vanished: {
      what: "The connection to your encoder was lost.",
      todo: "Check the encoder and its network. Destinations and viewers are kept while it comes back.",
    },
    second: {
      what: "Another encoder took over.",
      todo: "If it was not you, create a new stream key.",
    },
    planUsedUp: {
      what: "This month's streaming time of the plan is used up.",
      todo: "Wait for the next month, or change the plan.",
    },
    keyframesFar: {
      what: "Keyframes come too far apart.",
      todo: "Players start late and the delay grows. In OBS: Settings → Output → Streaming → Keyframe Interval, 2 s.",
    },
    hoursLow: {
      what: "Most of this month's streaming hours are used.",
      todo: "Ask whoever runs this platform for more hours before they end.",
    },
    hoursUsed: {
      what: "This month's streaming hours are used up: the stream will be ended.",
      todo: "Ask whoever runs this platform for more hours now; the stream goes on if they come in time.",
    },
  } satisfies Record<string, Advice>,
};

export type Texts = { reasons: Record<keyof typeof en.reasons, Advice> };
