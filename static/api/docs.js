// The page /api/docs: Swagger UI over our own schema. Nothing is loaded from, or sent to, anywhere else.
const place = document.getElementById("api");

SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
  persistAuthorization: false,
});
