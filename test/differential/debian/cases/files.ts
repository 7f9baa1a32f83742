import type { Case } from "../../case.ts";
import { onDebian, onTools } from "./dockerfile.ts";

/** A line of Python, in quotes of the shell. */
const python = (code: string) => `python3 -c '${code}'`;

/** Changes of a process to files of a real system. */
export const fileCases: Case[] = [
  { name: "files-nothing", dockerfile: onDebian("RUN true") },
  { name: "files-chown-tree", dockerfile: onDebian("RUN chown -R 1000:1000 /usr/share /opt") },
  { name: "files-chmod-tree", dockerfile: onDebian("RUN chmod -R go-rwx /var/lib/dpkg /usr/lib") },
  { name: "files-chmod-setuid", dockerfile: onDebian("RUN chmod u-s /usr/bin/* && chmod 6755 /usr/bin/env") },
  {
    name: "files-delete-docs",
    dockerfile: onDebian(
      "RUN rm -rf /usr/share/doc/* /usr/share/man /usr/share/locale && find / -xdev -name '*.pl' -delete",
    ),
  },
  {
    name: "files-rename-directory",
    dockerfile: onDebian("RUN mv /usr/share/doc /srv/doc && mv /usr/share/zoneinfo /usr/share/zones"),
  },
  {
    name: "files-rename-by-system-call",
    dockerfile: onTools(
      `RUN ${python('import os; os.rename("/usr/share/doc", "/usr/share/docs")')} && touch /renamed || touch /refused`,
    ),
    because: "overlayfs returns EXDEV for a directory of a lower layer, unless it redirects",
  },
  {
    name: "files-rename-and-back",
    dockerfile: onDebian("RUN mv /usr/share /usr/shared && mv /usr/shared /usr/share"),
  },
  {
    name: "files-exchanged",
    dockerfile: onDebian("RUN mv /etc/passwd /x && mv /etc/group /etc/passwd && mv /x /etc/group"),
  },
  {
    name: "files-directory-becomes-file-and-back",
    dockerfile: onDebian(
      "RUN rm -r /usr/share/doc && echo file > /usr/share/doc",
      "RUN rm /usr/share/doc && mkdir /usr/share/doc && echo new > /usr/share/doc/new",
      "RUN rm -r /usr/share/doc && ln -s man /usr/share/doc",
      "RUN rm /usr/share/doc && mkdir -p /usr/share/doc/bash",
    ),
  },
  {
    name: "files-directory-becomes-link",
    dockerfile: onDebian(
      "RUN mv /var/lib/dpkg /dpkg && ln -s /dpkg /var/lib/dpkg && echo x > /var/lib/dpkg/through",
    ),
  },
  {
    name: "files-hard-link-lower",
    dockerfile: onDebian("RUN ln /usr/bin/env /usr/local/bin/env && ln /etc/passwd /etc/passwd.twin"),
  },
  {
    name: "files-hard-link-lower-written",
    dockerfile: onDebian(
      "RUN echo 1 > /a && ln /a /b && ln /a /c",
      "RUN echo 2 >> /a",
      "RUN rm /b && ln /c /d",
    ),
    because: "overlayfs copies up one name of a file, and the others keep the old contents",
  },
  {
    name: "files-hard-link-tree",
    dockerfile: onDebian(
      "RUN cp -al /usr/share/perl5 /srv/perl5",
      "RUN cp -al /srv/perl5 /opt/perl5 && rm -r /srv/perl5",
    ),
  },
  {
    name: "files-hard-link-of-links",
    dockerfile: onDebian(
      "RUN ln -s /etc /l && ln /l /m && mkfifo /p && ln /p /q && mknod /n c 1 3 && ln /n /o",
    ),
    otherwise: [
      {
        because:
          "hard links are kept for regular files only: like GNU tar, varve writes the second name of a link, pipe or device as a separate entry",
        rootfs: {
          m: { type: "symlink", mode: "0777", uid: 0, gid: 0, link: "/etc", mtime: "now" },
          q: { type: "fifo", mode: "0644", uid: 0, gid: 0, mtime: "now" },
          o: { type: "char", mode: "0644", uid: 0, gid: 0, device: "1:3", mtime: "now" },
        },
      },
    ],
  },
  {
    name: "files-links-forced",
    dockerfile: onDebian(
      "RUN ln -sf /bin/bash /bin/sh && ln -sfn /opt /usr/share/man && ln -sf nowhere /etc/passwd",
    ),
  },
  {
    name: "files-capabilities",
    dockerfile: onTools(
      "RUN cp /usr/bin/busybox /b1 && setcap cap_net_bind_service=+ep /b1 && cp -a /b1 /b2 && cp /b1 /b3",
      "RUN getcap /b1 /b2 /b3 > /caps && setcap -r /b2 && mv /b1 /b4",
      "RUN chown 1000 /b4 && getcap /b4 >> /caps; true",
    ),
  },
  {
    name: "files-attributes",
    dockerfile: onTools(
      "RUN touch /f && mkdir /d && setfattr -n user.mine -v value /f /d && getfattr -d /f > /seen",
    ),
  },
  {
    name: "files-access-lists",
    dockerfile: onTools(
      "RUN touch /f && mkdir /d && setfacl -m u:1000:rw,g:50:r /f && setfacl -d -m u:1000:rwx /d && touch /d/inherits && getfacl -p /f /d > /seen",
      "RUN getfacl -p /f /d > /seen-later",
    ),
  },
  {
    name: "files-sparse",
    dockerfile: onTools(
      "RUN truncate -s 20M /hole && printf x | dd of=/ends bs=1 seek=9999999 2>/dev/null && { printf a; head -c 3000000 /dev/zero; printf b; } > /zeros",
      "RUN printf y | dd of=/hole bs=1 seek=5000000 conv=notrunc 2>/dev/null && sha256sum /hole /ends > /sums",
    ),
  },
  {
    name: "files-devices",
    dockerfile: onDebian(
      "RUN mknod /null c 1 3 && mknod -m 660 /loop b 7 0 && mknod /large c 4095 1048575 && mkfifo -m 600 /fifo && chown 1:2 /null /fifo",
      "RUN ls -l /null /loop /large | cut -c1-10 > /list && rm /loop",
    ),
  },
  {
    name: "files-device-like-a-removal",
    dockerfile: onTools(
      "RUN mknod /etc/nothing c 0 0 && touch /made || touch /refused",
      "RUN ls /etc > /list",
    ),
    because: "overlayfs marks removed entries with such a device",
  },
  {
    name: "files-socket",
    dockerfile: onTools(
      `RUN mkdir /s && ${python('import socket; socket.socket(socket.AF_UNIX).bind("/s/socket")')} && ls /s > /list`,
      "RUN ls /s > /list-later",
    ),
  },
  {
    name: "files-names-of-any-bytes",
    dockerfile: onTools(
      `RUN mkdir /names && ${python('import os; [open(b"/names/" + bytes([i]), "w").close() for i in range(1, 256) if i not in (46, 47)]')}`,
      `RUN ${python('import os; os.mkdir(b"/d\\xff\\xfe"); os.symlink(b"\\xff\\n", b"/d\\xff\\xfe/l\\x80"); os.link(b"/names/\\xff", b"/d\\xff\\xfe/h")')} && rm /names/a`,
    ),
  },
  {
    name: "files-names-like-whiteouts",
    dockerfile: onDebian("RUN mkdir /w && cd /w && touch .wh .wha a.wh.b wh.", "RUN ls -A /w > /list"),
  },
  {
    name: "files-names-long",
    dockerfile: onTools(
      `RUN ${python('import os; n = "n" * 255; os.chdir("/srv"); [(os.mkdir(n), os.chdir(n)) for _ in range(12)]; open("deep", "w").close(); os.symlink("t" * 4000, "l"); os.link("deep", "h")')}`,
    ),
  },
  {
    name: "files-thousands",
    dockerfile: onTools(
      "RUN mkdir /m && cd /m && seq 8000 | split -l 1 -a 4 - f && for i in 1 2 3 4 5 6 7 8 9; do mkdir d$i && mv f??$(printf %c $(printf '\\\\14%d' $i))? d$i 2>/dev/null || true; done",
      "RUN find /m -name '*a' -delete",
    ),
  },
  {
    name: "files-times",
    dockerfile: onTools(
      "RUN touch -d @0 /t0 && touch -d @1 /t1 && touch -d 1969-12-31T23:59:58Z /before && touch -d @1500000000.987654321 /fraction && touch -d @4102444800 /y2100 && ln -s x /l && touch -h -d @1234567890 /l && mkdir /d && touch -d @1111111111 /d",
      "RUN touch -r /t1 /usr/bin/env && touch -d @1400000000 /etc/passwd && stat -c '%Y %n' /t0 /t1 /fraction /y2100 /d > /seen",
    ),
  },
  {
    name: "files-rewritten-in-place",
    dockerfile: onDebian(
      "RUN sed -i s/root/ROOT/ /etc/group && cat /etc/passwd > /p && cp /p /etc/passwd && truncate -s 0 /etc/shells",
    ),
  },
  {
    name: "files-archive-unpacked",
    dockerfile: onDebian(
      "RUN tar -C /etc -c apt ssl skel terminfo | tar -C /srv -x && tar -C /usr/share -c perl5 | tar -C /opt -x --no-same-owner -m",
    ),
  },
  {
    name: "files-copied-with-all",
    dockerfile: onTools(
      "RUN cp -a /usr/share/perl5 /srv/a && cp -r /usr/share/perl5 /srv/b && cp -a /dev/null /srv/n",
    ),
  },
  {
    name: "files-root-directory",
    dockerfile: onDebian("RUN chmod 700 / && chown 5:6 /", "RUN stat -c '%a %u %g' / > /seen"),
    because: "no layer has an entry for the root",
  },
  {
    name: "files-top-directories",
    dockerfile: onDebian(
      "RUN chmod 700 /tmp /var /opt && chown 5 /srv && rmdir /mnt /media && chmod g+s /home",
    ),
  },
  {
    name: "files-immutable-is-refused",
    dockerfile: onDebian("RUN chattr +i /etc/passwd 2>/dev/null && echo made > /f || echo refused > /f"),
  },
  {
    name: "files-deleted-while-open",
    dockerfile: onTools(
      `RUN ${python('import os; f = open("/etc/shells", "a"); os.unlink("/etc/shells"); f.write("x"); f.flush(); g = open("/new", "w"); os.unlink("/new")')}`,
    ),
  },
  {
    name: "files-mapped",
    dockerfile: onTools(
      "COPY map.c /map.c",
      "RUN gcc -Wl,--build-id=none -o /map /map.c && cp /etc/passwd /m && /map /m ROOT",
      "RUN /map /m toor",
    ),
    context: {
      "map.c": [
        "#include <fcntl.h>",
        "#include <string.h>",
        "#include <sys/mman.h>",
        "int main(int c, char **v) {",
        "  char *m = mmap(0, 4, PROT_READ | PROT_WRITE, MAP_SHARED, open(v[1], O_RDWR), 0);",
        "  return m == MAP_FAILED || !memcpy(m, v[2], 4);",
        "}\n",
      ].join("\n"),
    },
    because: "a page that is still dirty when the process ends",
  },
  {
    name: "files-many-layers",
    dockerfile: onDebian(
      ...Array.from(
        { length: 30 },
        (_, index) =>
          `RUN --network=none echo ${index} > /etc/number && touch /etc/n${index} && rm -f /etc/n${index - 2}`,
      ),
    ),
  },
];
