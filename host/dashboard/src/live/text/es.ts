import type { Texts } from "./en";

const es: Texts = {
  reasons: {
    rejected: {
      what: "La plataforma rechazó la emisión.",
      todo: "Casi siempre la clave de emisión es incorrecta o se renovó allí, o la usa otro codificador. Vuelve a copiar la clave de la plataforma.",
    },
    refused: {
      what: "El servidor no acepta conexiones.",
      todo: "Compara su dirección con la que muestra la plataforma. Si es correcta, la plataforma tiene problemas: el próximo intento llega solo.",
    },
    unreachable: {
      what: "El servidor no responde.",
      todo: "Compara su dirección con la que muestra la plataforma. Si es correcta, el próximo intento llega solo.",
    },
    nameUnknown: {
      what: "No existe ningún servidor con ese nombre.",
      todo: "Revisa cómo está escrita la dirección del servidor.",
    },
    tls: {
      what: "No se pudo establecer una conexión segura.",
      todo: "Revisa la dirección del servidor; un servidor propio necesita un certificado válido.",
    },
    notRtmp: {
      what: "Lo que responde allí no habla RTMP.",
      todo: "Revisa la dirección del servidor y su puerto: debe ser la de los codificadores, no la de un sitio web.",
    },
    interrupted: {
      what: "La conexión se cortó.",
      todo: "Se restablece sola. Si ocurre a menudo, mira la página de estado de la plataforma.",
    },
    ended: {
      what: "La plataforma terminó la emisión.",
      todo: "Si no fuiste tú, la plataforma explica el motivo en sus páginas. Después, vuelve a intentarlo aquí.",
    },
    stalled: {
      what: "La plataforma dejó de recibir la emisión.",
      todo: "Se vuelve a conectar sola. Si ocurre a menudo, envía menos: en OBS, Ajustes → Salida → Emisión → Tasa de bits de vídeo.",
    },
    slow: {
      what: "La plataforma recibe menos de lo que envías: se omiten fotogramas.",
      todo: "Envía menos (en OBS, Ajustes → Salida → Emisión → Tasa de bits de vídeo) o elige un servidor de la plataforma más cercano.",
    },
    aboveLimit: {
      what: "Envías más de lo que la plataforma acepta.",
      todo: "Baja la tasa de bits antes de que la plataforma corte la emisión: en OBS, Ajustes → Salida → Emisión → Tasa de bits de vídeo.",
    },
    address: {
      what: "La dirección del servidor no se puede usar.",
      todo: "Edita el destino y pon la dirección tal como la muestra la plataforma, sin la clave de emisión.",
    },
    addressForbidden: {
      what: "Este servidor no puede enviar a esa dirección.",
      todo: "Las direcciones de redes privadas están cerradas. Quien administra este servidor puede abrirlas.",
    },
    key: {
      what: "La clave de emisión falta o no se puede usar.",
      todo: "Edita el destino y pega la clave tal como la muestra la plataforma.",
    },
    account: {
      what: "La plataforma no acepta la cuenta.",
      todo: "Vuelve a conectar la cuenta.",
    },
    settings: {
      what: "La configuración está incompleta o es incorrecta.",
      todo: "Edita el destino y corrige lo que está señalado.",
    },
    patience: {
      what: "La plataforma pide paciencia.",
      todo: "No hay que hacer nada: el próximo intento llega cuando la plataforma lo permita.",
    },
    quota: {
      what: "La plataforma no acepta hoy más solicitudes de este servidor.",
      todo: "Pega una clave de emisión en lugar de usar la cuenta conectada, o espera a que la plataforma reinicie la cuenta.",
    },
    platformTrouble: {
      what: "La plataforma tiene problemas.",
      todo: "El próximo intento llega solo. Su página de estado quizá diga más.",
    },
    notEnabled: {
      what: "Esta cuenta no tiene activadas las emisiones en directo.",
      todo: "Actívalas en la plataforma. Algunas tardan hasta 24 horas.",
    },
    tooMany: {
      what: "La cuenta ya tiene demasiadas emisiones.",
      todo: "Termina o borra emisiones en la plataforma y vuelve a intentarlo.",
    },
    broadcastGone: {
      what: "La emisión se terminó o se borró en la plataforma.",
      todo: "Termina aquí la transmisión y empiézala de nuevo: así se crea una emisión nueva.",
    },
    hostBusy: {
      what: "Este servidor está ocupado.",
      todo: "No hay que hacer nada: el próximo intento llega enseguida.",
    },
    pluginFailed: {
      what: "El complemento falló.",
      todo: "El próximo intento llega solo. Si continúa, vuelve a la versión anterior del complemento en su página.",
    },
    pluginStopped: {
      what: "El complemento no puede ejecutarse.",
      todo: "Su página dice por qué y qué se puede hacer.",
    },
    pluginDenied: {
      what: "El complemento quiere algo que no se le permitió.",
      todo: "Mira sus permisos en su página.",
    },
    archived: {
      what: "La aplicación está archivada.",
      todo: "Restáurala en los ajustes para volver a emitir.",
    },
    vanished: {
      what: "Se perdió la conexión con tu codificador.",
      todo: "Revisa el codificador y su red. Los destinos y los espectadores se mantienen mientras vuelve.",
    },
    second: {
      what: "Otro codificador tomó el relevo.",
      todo: "Si no fuiste tú, crea una clave de emisión nueva.",
    },
    planUsedUp: {
      what: "El tiempo de emisión de este mes de tu plan se ha agotado.",
      todo: "Espera al mes que viene o cambia de plan.",
    },
    keyframesFar: {
      what: "Los fotogramas clave llegan demasiado espaciados.",
      todo: "Los reproductores empiezan tarde y crece el retraso. En OBS: Ajustes → Salida → Emisión → Intervalo de fotogramas clave, 2 s.",
    },
    hoursLow: {
      what: "Ya se ha usado la mayor parte de las horas de emisión del mes.",
      todo: "Pide más horas a quien administra esta plataforma antes de que se acaben.",
    },
    hoursUsed: {
      what: "Se han agotado las horas de emisión del mes: la emisión se cortará.",
      todo: "Pide más horas ahora a quien administra esta plataforma; si llegan a tiempo, la emisión sigue.",
    },
  },
};

export default es;
