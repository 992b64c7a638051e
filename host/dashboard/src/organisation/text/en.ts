export const en = {
  notAllowed: "Your role does not show this",
  notAllowedHint: (role: string) => `It takes the role “${role}” or a higher one. The owners of the organisation can give it to you.`,
  actions: "Actions",
  roles: {
    viewer: "Viewer",
    editor: "Editor",
    admin: "Admin",
    owner: "Owner",
  },
  leave: "Leave",
  leaveOf: (organisation: string) => `Leave ${organisation}`,
  leaveConfirm: (organisation: string) =>
    `You act for “${organisation}” no longer, at once. To come back you need an invitation.`,
  left: (organisation: string) => `You left “${organisation}”.`,
};

export type Texts = typeof en;
