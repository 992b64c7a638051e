/** What this page uses of it; the package has no types. */
declare module "swagger-ui-dist/swagger-ui-es-bundle" {
  export default function SwaggerUI(settings: {
    domNode: HTMLElement | null;
    url: string;
    deepLinking: boolean;
    docExpansion: "list" | "full" | "none";
    defaultModelsExpandDepth: number;
    displayRequestDuration: boolean;
    filter: boolean;
    showExtensions: boolean;
    validatorUrl: string | null;
    persistAuthorization: boolean;
  }): unknown;
}
