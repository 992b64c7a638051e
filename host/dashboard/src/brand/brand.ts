/** Who speaks to the people on these pages. Colours lie beside this file in `colours.css`. */
export const brand = {
  name: "Neustream",
} as const;
