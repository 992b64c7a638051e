import { useState } from "react";
import { call } from "../api/client";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { Section } from "../ui/page";
import { notify } from "../ui/toast";
import { text } from "./text";

/** Makes whoever holds a namespace a partner. The API lists none: a partner sees its own pages. */
export function Partners() {
  const [isMaking, setIsMaking] = useState(false);
  const send = async (fields: FormData) => {
    const body = { namespace: textOf(fields, "namespace"), name: textOf(fields, "name") };
    const { partner } = await call("post", "/api/admin/partners", { body });
    notify(text.tenants.partnerMade(partner.name));
    setIsMaking(false);
  };
  return (
    <Section title={text.tenants.partners} intro={text.tenants.partnersIntro} isBare>
      <Button className="justify-self-start" onClick={() => setIsMaking(true)}>
        {text.tenants.makePartner}
      </Button>
      {isMaking && (
        <Dialog title={text.tenants.makePartner} intro={text.tenants.partnersIntro} onClose={() => setIsMaking(false)}>
          <Form send={send} submitLabel={text.tenants.makePartner} onCancel={() => setIsMaking(false)}>
            {(problems) => (
              <>
                <Field
                  label={text.tenants.namespace}
                  hint={text.tenants.namespaceHint}
                  name="namespace"
                  dir="ltr"
                  required
                  autoFocus
                  error={problems["namespace"]}
                />
                <Field
                  label={text.tenants.partnerName}
                  hint={text.tenants.partnerNameHint}
                  name="name"
                  maxLength={100}
                  required
                  error={problems["name"]}
                />
              </>
            )}
          </Form>
        </Dialog>
      )}
    </Section>
  );
}
