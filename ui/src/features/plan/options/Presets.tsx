import { useState } from "react";
import type { Choices, Offer } from "../../../host/index.ts";
import { Button } from "../../../ui/Button.tsx";
import { ChoiceField } from "../../../ui/fields.tsx";
import { Icon } from "../../../ui/icons.tsx";
import { dollars } from "../../../ui/words.ts";
import css from "./options.module.css";

const short = { frugal: "Frugal", standard: "Standard", highAvailability: "High avail." };

/** Sets of choices to start from; what a person had put together comes back with one button. */
export function Presets({ offers, choices, onChange }: { offers: Offer[]; choices: Choices; onChange: (choices: Choices) => void }) {
  const [mix, setMix] = useState<Choices | null>(null);
  const [open, setOpen] = useState(false);
  const chosen = offers.find((o) => o.chosen);
  const own = offers.length > 0 ? "Your own mix. A preset changes sizes and numbers, and keeps names, database and domain." : "\u00a0";
  const apply = (offer: Offer | undefined) => {
    if (!offer) return;
    if (!chosen) setMix(choices);
    onChange(offer.choices);
  };
  return (
    <div className={css.presets}>
      <ChoiceField label="Start from" value={chosen?.preset ?? null} onValue={(preset) => apply(offers.find((o) => o.preset === preset))}
        options={offers.map((o) => ({ value: o.preset, label: short[o.preset], detail: o.quote.monthly === null ? "\u00a0" : dollars(o.quote.monthly) }))} />
      <p className={css.presetSentence}>{chosen?.sentence ?? own}</p>
      <div className={css.presetFoot}>
        {chosen ? <button type="button" className={css.more} aria-expanded={open} onClick={() => setOpen(!open)}><Icon name="chevron" size={12} />What {chosen.title.toLowerCase()} gives up</button> : null}
        {chosen && mix ? <Button size="s" tone="quiet" icon="undo" onClick={() => { onChange(mix); setMix(null); }}>Back to my own</Button> : null}
      </div>
      {chosen && open ? <ul className={css.tradeOffs}>{chosen.tradeOffs.map((words) => <li key={words}>{words}</li>)}</ul> : null}
    </div>
  );
}
