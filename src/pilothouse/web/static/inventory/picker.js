/* The person picker: Enter in its search box looks at once, instead of sending the whole form. */
"use strict";
document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (event.key !== "Enter" || !box.matches?.(".picker input[type=search]")) return;
  event.preventDefault();
  htmx.trigger(box, "look");
});
