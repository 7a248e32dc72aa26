// Sends the new password with the token of the link; says in words what became of it.
"use strict";
const form = document.getElementById("form");
const said = document.getElementById("said");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = location.hash.slice(1);
  const password = document.getElementById("password").value;
  try {
    const answer = await fetch("/api/password-resets/confirmation", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, password }),
    });
    if (answer.ok) {
      history.replaceState(null, "", location.pathname);
      form.hidden = true;
      said.textContent = "Your password is changed. Log in with it; all other sessions have ended.";
      return;
    }
    const problem = await answer.json();
    const wrong = (problem.errors || []).map((error) => `${error.field} ${error.message}`);
    said.textContent = [problem.detail, ...wrong].join(" ");
  } catch {
    said.textContent = "The server could not be reached. Try again.";
  }
});
