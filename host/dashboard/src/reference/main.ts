/**
 * The reference of the API: Swagger UI over this host's own OpenAPI document.
 *
 * It asks this host only, for the document and for what is tried out. A token that is pasted stays in the page's memory
 * and goes with a reload.
 */

import "swagger-ui-dist/swagger-ui.css";
import "./reference.css";
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle";

const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

function followColours() {
  document.documentElement.classList.toggle("dark-mode", prefersDark.matches);
}

prefersDark.addEventListener("change", followColours);
followColours();

SwaggerUI({
  domNode: document.getElementById("reference"),
  url: "/api/openapi.json",
  deepLinking: true,
  // Everything closed but the tags: the page opens at once although there are many operations.
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  // Shows `x-error-codes`.
  showExtensions: true,
  // Nothing of this page goes to a host of others.
  validatorUrl: null,
  persistAuthorization: false,
});
