import type { Texts } from "./en";

const es: Texts = {
  connected: "La cuenta está conectada.",
  failed: "La cuenta no se conectó.",
  reasons: {
    "oauth-denied": "No aceptaste, o la plataforma lo rechazó. No se ha cambiado nada.",
    "oauth-state-unknown": "Tardó demasiado, o la página se abrió dos veces. Empieza de nuevo.",
    "oauth-state-foreign": "Se empezó en otro navegador. Empieza de nuevo en este.",
    "oauth-client-missing": "Este servidor aún no está registrado en la plataforma. Lo hace una sola vez un administrador.",
    "oauth-client-bound-elsewhere": "El registro de este servidor es para otra dirección. Un administrador puede renovarlo en la página del complemento.",
    "oauth-client-refused": "La plataforma no acepta el registro de este servidor. Un administrador puede corregirlo en la página del complemento.",
    "oauth-scope-narrowed": "Dejaste fuera algo que el complemento necesita. Conecta de nuevo y déjalo todo marcado.",
    "oauth-unreachable": "No se pudo llegar a la plataforma. Inténtalo de nuevo en un momento.",
    "oauth-provider-error": "La plataforma respondió con un error. Inténtalo de nuevo en un momento.",
  },
  other: "Empieza de nuevo; si no sirve, pregunta a quien administra este servidor.",
};

export default es;
