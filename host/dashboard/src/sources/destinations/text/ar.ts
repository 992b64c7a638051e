import type { Texts } from "./en";

const ar: Texts = {
  destinations: {
    intro: "المنصات التي تستقبل هذا البث. لا يُعاد ترميز شيء في الطريق.",
    add: "أضف وجهة",
    addTitle: "إضافة وجهة",
    editTitle: (name) => `تعديل «${name}»`,
    empty: "لا وجهات بعد",
    emptyHint: "أضف المنصات التي تستقبل هذا البث، مثل Twitch أو YouTube أو أي خادم RTMP. تخرج كل منها على الهواء من تلقاء نفسها حين يرسل مُرمِّزك.",
    toggle: (name) => `الإرسال إلى ${name}`,
    sending: "يُرسل الآن",
    sent: "أُرسل",
    dropped: "إطارات متروكة",
    reconnects: "إعادات الاتصال",
    viewersThere: "المشاهدون هناك",
    platformConfirms: "المنصة تعرض البث.",
    platformDenies: "المنصة لا تعرض البث بعد.",
    nextAttempt: (seconds) => `المحاولة التالية بعد ${seconds} ث`,
    nextAttemptNow: "يُحاول الآن",
    retry: "حاول الآن",
    retrying: (name) => `تُعاد المحاولة مع «${name}».`,
    connectAgain: "ربط الحساب",
    toPlugin: "إلى الإضافة",
    editOf: (name) => `تعديل: ${name}`,
    removeOf: (name) => `إزالة: ${name}`,
    retryOf: (name) => `حاول الآن: ${name}`,
    removed: (name) => `أُزيلت «${name}».`,
    added: (name) => `أُضيفت «${name}».`,
    changed: (name) => `عُدّلت «${name}».`,
    history: "ماذا حدث",
    historyOf: (name) => `ماذا حدث في ${name}`,
    historyEmpty: "لم يحدث شيء في الدقائق الأخيرة.",
  },
};

export default ar;
