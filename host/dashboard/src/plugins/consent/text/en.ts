export const en = {
  connected: "The account is connected.",
  failed: "The account was not connected.",
  reasons: {
    "oauth-denied": "You did not agree, or the platform refused. Nothing was changed.",
    "oauth-state-unknown": "It took too long, or the page was opened twice. Begin again.",
    "oauth-state-foreign": "It was begun in another browser. Begin again in this one.",
    "oauth-client-missing": "This server is not registered at the platform yet. That is done once, by an administrator.",
    "oauth-client-bound-elsewhere": "The registration of this host belongs to another address. An administrator can set it anew on the plugin's page.",
    "oauth-client-refused": "The platform does not accept the registration of this host. An administrator can correct it on the plugin's page.",
    "oauth-scope-narrowed": "You left out something that the plugin needs. Connect again and leave everything ticked.",
    "oauth-unreachable": "The platform could not be reached. Try again in a moment.",
    "oauth-provider-error": "The platform answered with an error. Try again in a moment.",
  } as Record<string, string>,
  other: "Begin again; if that does not help, ask whoever runs this host.",
};

export type Texts = typeof en;
