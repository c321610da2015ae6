import { Download, MoreHorizontal, Plus, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Age } from "@/components/ui/age";
import { Button, type ButtonLook } from "@/components/ui/button";
import { Coded } from "@/components/ui/coded";
import { Copy } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { CheckField, SelectField, TextArea, TextField } from "@/components/ui/field";
import { Gauge } from "@/components/ui/gauge";
import { Menu, MenuItem, MenuRule } from "@/components/ui/menu";
import { Empty, Notice } from "@/components/ui/notice";
import { Facts, Page, Section, Setting, SkeletonRows } from "@/components/ui/page";
import { Quoted } from "@/components/ui/quoted";
import { STATUSES, Status } from "@/components/ui/status";
import table from "@/components/ui/table.module.css";
import { galleryWords as text } from "@/lib/words-gallery";
import styles from "./gallery.module.css";

const LOOKS: ButtonLook[] = ["primary", "plain", "quiet", "danger"];

function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

function Buttons() {
  return (
    <Section title={text.buttons}>
      {[false, true].map((small) => (
        <Row key={String(small)}>
          {LOOKS.map((look) => (
            <Button key={look} look={look} small={small}>
              {text.looks[look]}
            </Button>
          ))}
          <Button small={small} busy>
            {text.busy}
          </Button>
          <Button small={small} disabled>
            {text.disabled}
          </Button>
          <Button small={small} why={text.whyNot}>
            {text.why}
          </Button>
          <Button small={small} icon look="quiet" aria-label={text.icon}>
            <Download aria-hidden />
          </Button>
          <Button small={small} look="primary">
            <Plus aria-hidden />
            {text.withIcon}
          </Button>
        </Row>
      ))}
    </Section>
  );
}

function Words() {
  return (
    <Section title={text.statuses}>
      <div className={styles.statuses}>
        {STATUSES.map((status) => (
          <Status key={status} status={status} />
        ))}
      </div>
    </Section>
  );
}

function Fields() {
  return (
    <Section title={text.fields}>
      <div className={styles.fields}>
        <TextField label={text.field} defaultValue={text.value} help={text.help} />
        <TextField label={text.wrong} defaultValue={text.value} error={text.error} code />
        <SelectField label={text.choice} choices={[["a", text.value]]} help={text.help} />
        <TextField label={text.disabled} defaultValue={text.value} disabled />
        <TextArea label={text.lines} rows={3} code defaultValue={text.code} />
        <CheckField label={text.check} defaultChecked />
      </div>
    </Section>
  );
}

function Floating() {
  const [open, setOpen] = useState(false);
  return (
    <Section title={text.floating}>
      <Row>
        <Menu
          align="start"
          trigger={
            <Button icon aria-label={text.menu}>
              <MoreHorizontal aria-hidden />
            </Button>
          }
        >
          <MenuItem>{text.item}</MenuItem>
          <MenuItem why={text.whyNot}>{text.why}</MenuItem>
          <MenuRule />
          <MenuItem danger>
            <Trash2 aria-hidden />
            {text.looks.danger}
          </MenuItem>
        </Menu>
        <Button onClick={() => setOpen(true)}>{text.dialog}</Button>
      </Row>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={text.dialog}
        help={text.help}
        foot={
          <>
            <Button onClick={() => setOpen(false)}>{text.close}</Button>
            <Button look="primary" onClick={() => setOpen(false)}>
              {text.looks.primary}
            </Button>
          </>
        }
      >
        <TextField label={text.field} defaultValue={text.value} />
      </Dialog>
    </Section>
  );
}

function Said() {
  return (
    <Section title={text.notices}>
      {(["bad", "warn", "info", "good"] as const).map((tone) => (
        <Notice key={tone} tone={tone} title={text.title} action={<Button small>{text.looks.plain}</Button>}>
          {text.help}
        </Notice>
      ))}
      <Empty action={<Button look="primary">{text.looks.primary}</Button>}>{text.empty}</Empty>
    </Section>
  );
}

function Data() {
  return (
    <Section title={text.data}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{text.field}</th>
            <th scope="col">{text.statuses}</th>
            <th scope="col" className={table.right}>
              {text.age}
            </th>
          </tr>
        </thead>
        <tbody>
          {["live", "failed", "building"].map((status) => (
            <tr key={status}>
              <td className="cut">{text.long}</td>
              <td>
                <Status status={status} />
              </td>
              <td className={`${table.right} third`}>
                <Age at="2026-01-01T00:00:00Z" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Facts
        items={[
          [text.field, <code key="code">{text.value}</code>],
          [text.long, text.help],
        ]}
      />
      <Row>
        {[4, 60, 95].map((percent) => (
          <span key={percent} className={styles.gauge}>
            <Gauge label={text.gauge} percent={percent} said={`${percent} %`} short={percent > 90} />
          </span>
        ))}
        <Copy text={text.value} label={text.copy} />
        <Copy text={text.value} label={text.copy} words />
      </Row>
      <Quoted label={text.quoted} text={text.code} />
      <p>
        <Coded text={text.coded} />
      </p>
      <SkeletonRows rows={2} />
    </Section>
  );
}

/** Every part of the house beside the others: for those who build it, and for whoever looks at a change of them. */
export function GalleryPage() {
  return (
    <Page title={text.pageTitle}>
      <Buttons />
      <Words />
      <Fields />
      <Floating />
      <Said />
      <Data />
      <Setting title={text.setting} help={text.help}>
        <Button>{text.looks.plain}</Button>
      </Setting>
    </Page>
  );
}
