#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What runs in the container: looks for mail that is to be sent, ten times a second.
echo "ready"
while :; do
	for mail in queue/*; do
		[ -e "$mail" ] || continue
		echo "sent $mail" >>log
	done
	sleep 0.1
done
