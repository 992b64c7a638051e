import type { Texts } from "./en";

const es: Texts = {
  notAllowed: "Tu rol no muestra esto",
  notAllowedHint: (role) => `Hace falta el rol «${role}» o uno superior. Te lo pueden dar los propietarios de la organización.`,
  actions: "Acciones",
  roles: { viewer: "Observador", editor: "Editor", admin: "Administrador", owner: "Propietario" },
  leave: "Salir",
  leaveOf: (organisation) => `Salir de ${organisation}`,
  leaveConfirm: (organisation) => `Dejas de actuar en nombre de «${organisation}» al instante. Para volver necesitarás una invitación.`,
  left: (organisation) => `Has salido de «${organisation}».`,
};

export default es;
