import type { Texts } from "./en";

const ar: Texts = {
  notAllowed: "دورك لا يعرض هذا",
  notAllowedHint: (role) => `يلزم دور «${role}» أو أعلى. يمكن لمالكي المؤسسة أن يمنحوك إياه.`,
  actions: "الإجراءات",
  roles: { viewer: "مشاهد", editor: "محرر", admin: "مشرف", owner: "مالك" },
  leave: "مغادرة",
  leaveOf: (organisation) => `مغادرة ${organisation}`,
  leaveConfirm: (organisation) => `لن تتصرف باسم «${organisation}» بعد الآن، فورًا. وللعودة تحتاج إلى دعوة.`,
  left: (organisation) => `غادرت «${organisation}».`,
};

export default ar;
