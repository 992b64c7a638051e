import type { Texts } from "./en";

const hi: Texts = {
  destinations: {
    intro: "वे प्लेटफ़ॉर्म जिन्हें यह स्ट्रीम मिलती है। रास्ते में कुछ भी दोबारा एन्कोड नहीं होता।",
    add: "गंतव्य जोड़ें",
    addTitle: "गंतव्य जोड़ें",
    editTitle: (name) => `“${name}” संपादित करें`,
    empty: "अभी कोई गंतव्य नहीं",
    emptyHint: "वे प्लेटफ़ॉर्म जोड़ें जिन्हें यह स्ट्रीम मिलनी चाहिए, जैसे Twitch, YouTube या कोई भी RTMP सर्वर। आपका एन्कोडर भेजना शुरू करते ही हर एक अपने आप लाइव हो जाता है।",
    toggle: (name) => `${name} को भेजें`,
    sending: "भेज रहे हैं",
    sent: "भेजा गया",
    dropped: "छूटे फ़्रेम",
    reconnects: "दोबारा कनेक्शन",
    viewersThere: "वहाँ के दर्शक",
    platformConfirms: "प्लेटफ़ॉर्म प्रसारण दिखा रहा है।",
    platformDenies: "प्लेटफ़ॉर्म अभी प्रसारण नहीं दिखा रहा।",
    nextAttempt: (seconds) => `अगली कोशिश ${seconds} से॰ में`,
    nextAttemptNow: "अभी कोशिश हो रही है",
    retry: "अभी कोशिश करें",
    retrying: (name) => `“${name}” पर फिर कोशिश हो रही है।`,
    connectAgain: "खाता जोड़ें",
    toPlugin: "प्लगइन पर जाएँ",
    editOf: (name) => `संपादित करें: ${name}`,
    removeOf: (name) => `हटाएँ: ${name}`,
    retryOf: (name) => `अभी कोशिश करें: ${name}`,
    removed: (name) => `“${name}” हटा दिया गया।`,
    added: (name) => `“${name}” जोड़ दिया गया।`,
    changed: (name) => `“${name}” बदल दिया गया।`,
    history: "क्या हुआ",
    historyOf: (name) => `${name} पर क्या हुआ`,
    historyEmpty: "पिछले कुछ मिनटों में कुछ नहीं हुआ।",
  },
};

export default hi;
