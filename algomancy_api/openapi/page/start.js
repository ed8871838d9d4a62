"use strict";

// A file of its own, because the page's Content-Security-Policy allows no inline script.
const page = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: page.dataset.document,
  dom_id: "#swagger-ui",
  deepLinking: true,
  defaultModelsExpandDepth: 0, // their heading alone: they are many, and each operation shows its own
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
