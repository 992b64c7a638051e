import type { Texts } from "./en";

const hi: Texts = {
  notAllowed: "आपकी भूमिका में यह नहीं दिखता",
  notAllowedHint: (role) => `इसके लिए “${role}” या उससे ऊपर की भूमिका चाहिए। संगठन के मालिक यह आपको दे सकते हैं।`,
  actions: "काम",
  roles: { viewer: "दर्शक", editor: "संपादक", admin: "प्रबंधक", owner: "मालिक" },
  leave: "छोड़ें",
  leaveOf: (organisation) => `${organisation} छोड़ें`,
  leaveConfirm: (organisation) => `आप तुरंत “${organisation}” की ओर से काम करना बंद कर देंगे। लौटने के लिए न्योता चाहिए होगा।`,
  left: (organisation) => `आपने “${organisation}” छोड़ दिया।`,
};

export default hi;
