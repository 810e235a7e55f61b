// Fails when a catalogue is not what `npm run extract` would write: a message is missing, left over, or untranslated.
import { getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";

const config = getConfig({ configPath: new URL("../../lingui.config.ts", import.meta.url).pathname });
const faults = [];
for (const catalogue of await getCatalogs(config)) {
  const used = await catalogue.collect();
  if (used === undefined) process.exit(1); // what can't be read was printed
  for (const locale of config.locales) {
    const held = (await catalogue.read(locale)) ?? {};
    for (const [id, { message, origin }] of Object.entries(used)) {
      const known = held[id];
      if (known === undefined) faults.push(`${locale}: missing: ${message ?? id}`);
      else if (!known.translation) faults.push(`${locale}: not translated: ${message ?? id}`);
      else if (places(known.origin) !== places(origin)) faults.push(`${locale}: in other files now: ${message ?? id}`);
    }
    for (const [id, { message }] of Object.entries(held)) {
      if (!(id in used)) faults.push(`${locale}: not used any more: ${message ?? id}`);
    }
  }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error("Write the catalogues anew with: npm run extract");
  process.exit(1);
}

function places(origin) {
  return [...new Set(origin?.map(([file]) => file))].sort().join();
}
