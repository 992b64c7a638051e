import type { Texts } from "./en";

const es: Texts = {
  encoder: {
    enter: "Qué hay que poner",
    enterIntro: "En tu codificador van dos valores: adónde enviar y la clave que dice quién eres.",
    server: "Servidor",
    streamKey: "Clave de emisión",
    keyHidden: "La clave se mostró una vez, al crearla. Aquí solo se guarda su huella, así que nadie puede leerla, ni siquiera nosotros.",
    keyLost: "¿La has perdido? Crea una nueva.",
    keyOnce: "Copia esta clave ahora: no se volverá a mostrar. Quien la tenga puede emitir en tu nombre.",
    newKey: "Crear una clave nueva",
    newKeyConfirm: "La clave actual deja de valer al instante, la emisión en curso termina y todos los codificadores necesitan la clave nueva. No se puede deshacer.",
    newKeyMade: "La clave nueva está aquí.",
    profile: "Descargar un perfil de OBS",
    profileHint: "OBS lo importa en Perfil → Importar: quedan puestos servidor, clave, intervalo de fotogramas clave y tasa de bits.",
    profileNeedsKey: "Un perfil contiene la clave, así que solo se puede crear mientras está a la vista.",
    withObs: "A mano en OBS Studio",
    obsSteps: [
      "Abre Ajustes, luego Emisión, y elige «Personalizado…» como servicio.",
      "Pega el servidor y la clave de emisión, y confirma con Aplicar.",
      "En Salida elige el modo «Avanzado» y pon el intervalo de fotogramas clave en 2 s.",
      "Pulsa «Iniciar transmisión». Esta página muestra cuándo llega.",
    ],
    withFfmpeg: "Con ffmpeg",
    ffmpegIntro: "Envía un archivo como si fuera en directo; pon tu clave en lugar de la última palabra.",
    ffmpegCommand: "Orden de ffmpeg",
    keyPlaceholder: "TU_CLAVE",
    state: "Tu codificador",
    arrives: (bitrate) => `Llega: ${bitrate}`,
    nothing: "Todavía no llega nada. Esta página lo nota sola.",
  },
  settings: {
    general: "Nombre y descripción",
    save: "Guardar",
    saved: "Guardado.",
    behaviour: "Cuando algo sale mal",
    window: "Espera de reconexión",
    windowHint: "Cuando se corta la conexión con tu codificador, los destinos y los espectadores se mantienen este tiempo. Si vuelve a tiempo, la emisión sigue como si nada; si no, termina. Con 0 termina al instante.",
    windowUnit: "segundos, como máximo 3600",
    second: "Cuando un segundo codificador usa la clave",
    secondOptions: {
      reject: { label: "Rechazarlo", hint: "La emisión en curso se queda. Lo correcto con un solo codificador." },
      replace: { label: "Dejar que tome el relevo", hint: "El codificador nuevo sustituye al que está en curso. Para un codificador de reserva o cuando uno se cuelga." },
    },
    key: "Clave de emisión",
    keyHint: "Crea una clave nueva cuando alguien la haya podido ver.",
    delete: "Eliminar la fuente",
    deleteHint: "Con ella se van su clave, sus destinos y sus direcciones. Puedes deshacerlo durante unos segundos.",
    deleteRunning: "Termina primero la emisión en curso.",
  },
};

export default es;
