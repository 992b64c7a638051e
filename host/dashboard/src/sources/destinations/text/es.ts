import type { Texts } from "./en";

const es: Texts = {
  destinations: {
    intro: "Las plataformas que reciben esta emisión. Nada se recodifica por el camino.",
    add: "Añadir destino",
    addTitle: "Añadir un destino",
    editTitle: (name) => `Editar «${name}»`,
    empty: "Todavía no hay destinos",
    emptyHint: "Añade las plataformas que deben recibir esta emisión, como Twitch, YouTube o cualquier servidor RTMP. Cada una sale en directo sola en cuanto tu codificador envía.",
    toggle: (name) => `Enviar a ${name}`,
    sending: "Enviando",
    sent: "Enviado",
    dropped: "Fotogramas omitidos",
    reconnects: "Reconexiones",
    viewersThere: "Espectadores allí",
    platformConfirms: "La plataforma muestra la emisión.",
    platformDenies: "La plataforma todavía no muestra la emisión.",
    nextAttempt: (seconds) => `Próximo intento en ${seconds} s`,
    nextAttemptNow: "Intentando ahora",
    retry: "Intentar ahora",
    retrying: (name) => `Se vuelve a intentar con «${name}».`,
    connectAgain: "Conectar la cuenta",
    toPlugin: "Ir al complemento",
    editOf: (name) => `Editar: ${name}`,
    removeOf: (name) => `Quitar: ${name}`,
    retryOf: (name) => `Intentar ahora: ${name}`,
    removed: (name) => `«${name}» se ha quitado.`,
    added: (name) => `«${name}» se ha añadido.`,
    changed: (name) => `«${name}» se ha cambiado.`,
    history: "Qué ha pasado",
    historyOf: (name) => `Qué ha pasado en ${name}`,
    historyEmpty: "No ha pasado nada en los últimos minutos.",
  },
};

export default es;
