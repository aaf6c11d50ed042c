# Part of install.sh, read by it: files of the system, the firmware's settings, and taking all away again.
# Uses its words (say, refuse, agreed) and names (opt, etc, list, boot, units ...).
# shellcheck shell=sh disable=SC2154

# ---- files of the system

# What is put where: source under this folder, then the place, then the mode.
files() {
    cat <<LIST
diemcau-relays.service /etc/systemd/system/diemcau-relays.service 644
diemcau.service /etc/systemd/system/diemcau.service 644
diemcau-update.service /etc/systemd/system/diemcau-update.service 644
diemcau-update.path /etc/systemd/system/diemcau-update.path 644
diemcau-update.timer /etc/systemd/system/diemcau-update.timer 644
diemcau-restart.service /etc/systemd/system/diemcau-restart.service 644
diemcau-restart.path /etc/systemd/system/diemcau-restart.path 644
sysusers.d/diemcau.conf /etc/sysusers.d/diemcau.conf 644
tmpfiles.d/diemcau.conf /etc/tmpfiles.d/diemcau.conf 644
sysctl.d/diemcau.conf /etc/sysctl.d/diemcau.conf 644
modules-load.d/diemcau.conf /etc/modules-load.d/diemcau.conf 644
udev/rules.d/60-diemcau.rules /etc/udev/rules.d/60-diemcau.rules 644
journald.conf.d/50-diemcau.conf /etc/systemd/journald.conf.d/50-diemcau.conf 644
system.conf.d/50-diemcau.conf /etc/systemd/system.conf.d/50-diemcau.conf 644
command.py /usr/local/bin/diemcau 755
LIST
}

mark() { sha256sum "$1" | cut -d' ' -f1; }

# Puts one file. One of the same name that is not as we left it is somebody's: it is asked for, and kept beside.
put() {
    if [ -e "$2" ] && cmp -s "$1" "$2"; then
        remember "$2"
        return
    fi
    if [ -e "$2" ] && ! grep -qsxF "$(mark "$2")  $2" "$list"; then
        agreed "$2 đã có và khác. Thay nó (bản cũ giữ ở $2.before-diemcau)?" \
            "$2 exists and differs. Replace it (the old one is kept as $2.before-diemcau)?" || {
            say "Giữ nguyên $2." "$2 is left as it is."
            return
        }
        cp -p "$2" "$2.before-diemcau"
    fi
    folder=$(dirname "$2")
    if [ ! -d "$folder" ]; then
        mkdir -p "$folder"
        echo "folder  $folder" >>"$list"
    fi
    cp "$1" "$2.new"
    chmod "$3" "$2.new"
    mv "$2.new" "$2"
    remember "$2"
    changed="$changed $2"
}

# Rewritten only when it says something else.
remember() {
    line="$(mark "$1")  $1"
    if grep -qsxF "$line" "$list"; then return; fi
    { grep -sv "  $1\$" "$list" || :; echo "$line"; } >"$list.new"
    mv "$list.new" "$list"
}

install_files() {
    changed=
    selector=$opt/releases/$name/site/common/controller/update/selector.py
    if ! cmp -s "$selector" "$opt/selector.py"; then
        cp "$selector" "$opt/selector.py.new"
        mv "$opt/selector.py.new" "$opt/selector.py"
    fi
    files >"$opt/files.new"
    # By another way than standard input: answers come there.
    while read -r what where mode <&3; do put "$here/$what" "$where" "$mode"; done 3<"$opt/files.new"
    rm -f "$opt/files.new"
}

use_files() {
    systemd-sysusers /etc/sysusers.d/diemcau.conf
    systemd-tmpfiles --create /etc/tmpfiles.d/diemcau.conf
    case $changed in
        '') ;;
        *)
            # A container has neither modules nor devices of its own; a Pi's own log tells what is wrong with them.
            /usr/lib/systemd/systemd-sysctl /etc/sysctl.d/diemcau.conf 2>/dev/null || :
            /usr/lib/systemd/systemd-modules-load /etc/modules-load.d/diemcau.conf 2>/dev/null || :
            if udevadm control --reload 2>/dev/null; then
                udevadm trigger --subsystem-match=gpio --subsystem-match=tty --subsystem-match=i2c-dev || :
            fi
            ;;
    esac
    case $changed in *system.conf.d*) systemctl daemon-reexec ;; *) systemctl daemon-reload ;; esac
    case $changed in *journald.conf.d*) systemctl restart systemd-journald.service ;; esac
}

# ---- the room

make_keeper_table() {
    [ -f "$etc/room.toml" ] && [ ! -f "$etc/keeper.json" ] || return 0
    if diemcau config keeper "$etc/room.toml" >"$etc/keeper.json.new"; then
        mv "$etc/keeper.json.new" "$etc/keeper.json"
    else
        rm -f "$etc/keeper.json.new"
        say "room.toml có lỗi: diemcau config check $etc/room.toml" "room.toml is wrong: diemcau config check $etc/room.toml"
    fi
}

start() {
    # shellcheck disable=SC2086 # names of units, apart
    systemctl --quiet enable $units
    # What runs already goes on running as it is: a start is no restart, and no relay moves.
    # shellcheck disable=SC2086
    systemctl --no-block start $units
}

# ---- the firmware's settings

# Safe levels come from the keeper's table: a coil stands as it shall from the firmware on, before any program runs.
proposal() {
    echo "$begin"
    echo '[all]'
    echo 'dtparam=i2c_arm=on'
    echo 'enable_uart=1'
    echo 'dtparam=watchdog=on'
    # A Pi 5 has a clock of its own; its battery is not charged by us, for not every cell may be.
    grep -aqs 'Raspberry Pi 5' /proc/device-tree/model || echo 'dtoverlay=i2c-rtc,ds3231'
    [ ! -f "$etc/keeper.json" ] ||
        PYTHONPATH=$opt/current/site/common /usr/bin/python3 -s -P -B -m hardware.boot_levels "$etc/keeper.json"
    echo "$end"
}

without_block() { sed "/^$begin\$/,/^$end\$/d" "$boot"; }

# Swapped whole. The card's first partition is FAT: the name is new, the content on the card before.
write_boot() {
    [ -e "$boot.before-diemcau" ] || cp "$boot" "$boot.before-diemcau"
    cat >"$boot.new"
    sync -f "$boot.new"
    mv "$boot.new" "$boot"
    sync -f "$boot"
}

propose_boot() {
    [ -f "$boot" ] || return 0
    proposal >"$opt/proposal.new"
    sed -n "/^$begin\$/,/^$end\$/p" "$boot" | cmp -s - "$opt/proposal.new" && { rm -f "$opt/proposal.new"; return; }
    say "Đề nghị thêm vào $boot (có hiệu lực sau khi khởi động lại):" "Proposed for $boot (counts after a reboot):"
    cat "$opt/proposal.new"
    if agreed "Ghi các dòng này?" "Write these lines?"; then
        { without_block; cat "$opt/proposal.new"; } >"$opt/boot.new"
        write_boot <"$opt/boot.new"
    fi
    rm -f "$opt/proposal.new" "$opt/boot.new"
}

# ---- away again

uninstall() {
    [ -e "$list" ] || [ -d "$opt" ] || { say "Máy này chưa cài Diemcau." "Diemcau is not installed here."; return; }
    agreed "Gỡ Diemcau? Các thiết bị đang bật có thể bị tắt." "Remove Diemcau? Loads that are on may go off." ||
        refuse 1 "Không gỡ gì." "Nothing is removed."
    # shellcheck disable=SC2086
    systemctl --quiet disable --now $units diemcau-update.service diemcau-restart.service 2>/dev/null || :
    if [ -f "$boot" ] && grep -qxF "$begin" "$boot"; then
        without_block >"$opt/boot.new"
        write_boot <"$opt/boot.new"
    fi
    [ ! -f "$list" ] || while read -r hash where <&3; do
        # What somebody changed since is theirs.
        [ ! -f "$where" ] || [ "$(mark "$where")" != "$hash" ] || rm -f "$where"
        [ ! -f "$where.before-diemcau" ] || mv "$where.before-diemcau" "$where"
    done 3<"$list"
    # Folders that we made, where nobody has put anything since.
    [ ! -f "$list" ] || sed -n 's/^folder  //p' "$list" | xargs -r rmdir --ignore-fail-on-non-empty
    rm -rf "$opt" /run/diemcau /run/diemcau-keeper /var/cache/diemcau
    systemctl daemon-reexec
    systemctl reset-failed 2>/dev/null || :
    systemctl restart systemd-journald.service
    udevadm control --reload 2>/dev/null || :
    purge_or_keep
}

purge_or_keep() {
    if [ "$purge" = no ]; then
        say "Dữ liệu của phòng vẫn còn ở $etc và /var/lib/diemcau*, cùng người dùng của chúng; --purge xóa hết." \
            "The room's data stay in $etc and /var/lib/diemcau*, with their users; --purge takes all."
        return
    fi
    rm -rf "$etc" /var/lib/diemcau /var/lib/diemcau-keeper /var/lib/diemcau-update
    for user in diemcau-relays diemcau; do
        if id "$user" >/dev/null 2>&1; then userdel "$user"; fi
    done
    if getent group diemcau >/dev/null; then groupdel diemcau; fi
    say "Đã gỡ sạch." "Everything is removed."
}
