// Passkeys (WebAuthn): a button asks its page's question of the device, and sends the answer with the form around it.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => {
  const signs = Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

const asked = (question) => {
  const read = { ...question, challenge: bytes(question.challenge) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (question[list]) read[list] = question[list].map((one) => ({ ...one, id: bytes(one.id) }));
  }
  if (question.user) read.user = { ...question.user, id: bytes(question.user.id) };
  return read;
};

const answered = (credential) => {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
};

const use = async (button) => {
  const told = button.nextElementSibling;
  told.hidden = true;
  button.disabled = true;
  try {
    const question = await fetch(button.dataset.passkey, { headers: { Accept: "application/json" } });
    if (!question.ok) throw new Error(question.status);
    const publicKey = asked(await question.json());
    const credential = await (publicKey.user
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey }));
    button.form.elements[button.dataset.into].value = answered(credential);
    button.form.submit();
  } catch {
    told.hidden = false;
    button.disabled = false;
  }
};

if (window.PublicKeyCredential) {
  for (const button of document.querySelectorAll("button[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => use(button));
  }
}
