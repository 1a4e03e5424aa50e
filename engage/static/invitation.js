// The secret of an invitation stands behind the #, which browsers do not send: take it out of the address, and send it.
const open = () => {
  const secret = location.hash.slice(1);
  const field = document.getElementById("code");
  if (!secret || !field) return;
  history.replaceState(null, "", location.pathname + location.search);
  field.value = secret;
  document.getElementById("invitation").submit();
};

open();
addEventListener("hashchange", open);
